//! The vectors that every surface runs, run by the library.

use std::net::IpAddr;

use firmtrie::TrustedProxies;
use serde::Deserialize;

#[derive(Deserialize)]
struct Clients {
    cases: Vec<ClientCase>,
}

#[derive(Deserialize)]
struct ClientCase {
    says: String,
    #[serde(default)]
    trusted: Vec<String>,
    peer: IpAddr,
    #[serde(default)]
    forwarded: Vec<String>,
    #[serde(default)]
    x_forwarded_for: Vec<String>,
    client: Option<IpAddr>,
}

#[test]
fn the_visitor_is_found_behind_proxies() {
    let text = include_str!("../../tests/vectors/client.json");
    let clients: Clients = serde_json::from_str(text).unwrap();
    assert!(clients.cases.len() > 20);
    for case in clients.cases {
        let proxies = TrustedProxies::new(case.trusted.iter().map(String::as_str)).unwrap();
        let forwarded = case.forwarded.iter().map(String::as_str);
        let x_forwarded_for = case.x_forwarded_for.iter().map(String::as_str);
        let client = proxies.client(case.peer, forwarded, x_forwarded_for);
        assert_eq!(client, case.client, "{}", case.says);
    }
}
