//! The registry's key: what makes its hashes and seals, and its file.
//!
//! Identifiers are kept as keyed hashes (BLAKE3), so that who has the registry and not its key can
//! find nobody in it, not even by trying names. Free text is sealed (XChaCha20-Poly1305, RFC 8439
//! with a nonce of 24 random bytes). Both keys are derived from the one in the file, which is
//! 32 random bytes in hexadecimal and may be read by its owner only. The registry knows the key's
//! fingerprint: under a wrong key everybody who objected would silently come back.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};

use crate::error::{Error, Result};

/// Bytes of a nonce.
const NONCE: usize = 24;

/// A keyed hash of one identifier's key: its first 16 bytes, so that among a billion two are alike
/// with a chance of 10⁻²¹.
pub(crate) type Hash = u128;

/// The opened key.
#[derive(Clone)]
pub(crate) struct Key {
    hashes: [u8; 32],
    seals: XChaCha20Poly1305,
    fingerprint: String,
}

impl Key {
    /// Makes a key and its file, which must not be there yet.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)
            .map_err(|error| unusable(path, &format!("no random bytes: {error}")))?;
        let text = blake3::Hash::from_bytes(secret).to_hex();
        let mut file = private(path)?;
        let written = file.write_all(format!("{text}\n").as_bytes()).and_then(|()| file.sync_all());
        written.map_err(Error::io(path, "write"))?;
        sync_folder_of(path)?;
        Ok(Self::of(&secret))
    }

    /// Copies a key's file to where none is.
    pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
        let text = std::fs::read(from).map_err(Error::io(from, "read"))?;
        let mut file = private(to)?;
        let written = file.write_all(&text).and_then(|()| file.sync_all());
        written.map_err(Error::io(to, "write"))?;
        sync_folder_of(to)
    }

    /// Reads the key's file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let reason = format!(
                "the key cannot be read: {error}; without it nobody who objected can be left out, \
                 so put it back, or say where it is"
            );
            unusable(path, &reason)
        })?;
        others_cannot_read(path)?;
        let digits = text.trim();
        let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        let secret: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
        let secret = secret.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let secret = secret.ok_or_else(|| unusable(path, "is not a key: 64 hexadecimal digits"))?;
        Ok(Self::of(&secret))
    }

    fn of(secret: &[u8; 32]) -> Self {
        let hashes = blake3::derive_key("firmtrie registry 2026-11 identifiers", secret);
        let seals = blake3::derive_key("firmtrie registry 2026-11 free text", secret);
        let fingerprint = blake3::derive_key("firmtrie registry 2026-11 fingerprint", secret);
        Self {
            hashes,
            seals: XChaCha20Poly1305::new(&seals.into()),
            fingerprint: blake3::hash(&fingerprint).to_hex()[..32].to_owned(),
        }
    }

    /// What the registry knows its key by.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The keyed hash of a text.
    pub(crate) fn hash(&self, text: &str) -> Hash {
        let hash = blake3::keyed_hash(&self.hashes, text.as_bytes());
        let mut first = [0; 16];
        first.copy_from_slice(&hash.as_bytes()[..16]);
        Hash::from_le_bytes(first)
    }

    /// A hasher of longer data, for fingerprints.
    pub(super) fn hasher(&self) -> blake3::Hasher {
        blake3::Hasher::new_keyed(&self.hashes)
    }

    /// Seals a text; `of` is what it belongs to, and opens it no other way.
    pub(super) fn seal(&self, text: &str, of: &str) -> Result<Vec<u8>> {
        let mut sealed = vec![0; NONCE];
        getrandom::fill(&mut sealed)
            .map_err(|error| Error::Registry(format!("no random bytes to seal with: {error}")))?;
        let payload = Payload { msg: text.as_bytes(), aad: of.as_bytes() };
        let text = self.seals.encrypt(XNonce::from_slice(&sealed), payload);
        sealed.extend(text.map_err(|_| Error::Registry("a text is too long to seal".to_owned()))?);
        Ok(sealed)
    }

    /// Opens what was sealed.
    pub(super) fn open(&self, sealed: &[u8], of: &str) -> Result<String> {
        let damaged = || Error::Registry("a sealed text of the registry is damaged".to_owned());
        let (nonce, text) = sealed.split_at_checked(NONCE).ok_or_else(damaged)?;
        let payload = Payload { msg: text, aad: of.as_bytes() };
        let text = self.seals.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| damaged())?;
        String::from_utf8(text).map_err(|_| damaged())
    }
}

/// Makes a file that its owner alone may read, and that was not there.
fn private(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(Error::io(path, "create"))
}

/// Makes durable that a file is where it is: its name is in its folder.
pub(super) fn sync_folder_of(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(Error::io(folder, "sync"))?;
    }
    Ok(())
}

/// Whose value `1` lets the key be readable by its group, as secrets of Kubernetes and Docker are for
/// containers that do not run as the superuser.
pub const GROUP_READABLE: &str = "FIRMTRIE_KEY_GROUP_READABLE";

#[cfg(unix)]
fn others_cannot_read(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::metadata(path).map_err(Error::io(path, "read"))?;
    let mode = metadata.permissions().mode() & 0o777;
    let group_may = std::env::var_os(GROUP_READABLE).is_some_and(|value| value == "1");
    let (group, others) = ((mode >> 3) & 0o7, mode & 0o7);
    let reason = match (group, others) {
        (0, 0) => return Ok(()),
        (0o4, 0) if group_may => return Ok(()),
        (0o4, 0) => format!(
            "the key may be read by its group (its mode is {mode:04o}), and whoever reads it can find out who \
             objected; run chmod 600 on it, or, where it is a secret of a container and its group is this \
             program's alone, set {GROUP_READABLE}=1"
        ),
        _ => format!(
            "the key may be read or changed by everybody or changed by its group (its mode is {mode:04o}), and \
             whoever reads it can find out who objected; run chmod 600 on it, or give a container's secret the \
             mode 0400 or 0440"
        ),
    };
    Err(unusable(path, &reason))
}

#[cfg(not(unix))]
fn others_cannot_read(_: &Path) -> Result<()> {
    Ok(())
}

fn unusable(path: &Path, reason: &str) -> Error {
    Error::Registry(format!("{}: {reason}", path.display()))
}
