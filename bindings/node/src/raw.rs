//! The one call that must be fast: an address in, the number of its answer out.
//!
//! A method that napi-rs makes costs ten times a bare callback of Node-API, and more than the lookup.
//! So this one is bare, and with [`crate::mapping`] all the unsafe code there is. Only numbers cross:
//! the answer's is returned, address and network are put into a small array that JavaScript reads.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::net::{IpAddr, Ipv4Addr};
use std::ptr;
use std::rc::Rc;

use firmtrie::net::parse_address;
use napi::bindgen_prelude::{
    FromNapiValue, Int32Array, JsObjectValue, Object, ToNapiValue, Unknown,
};
use napi::{Env, JsValue, Result, check_status, sys};

use crate::addresses::Addresses;
use crate::asked::{Asked, Found};
use crate::network::{WORDS, located};

/// The most characters of an address without spaces around it, and room for one more, by which a
/// longer text is seen, and for a closing zero.
const LONGEST: usize = 45;
const ROOM: usize = LONGEST + 2;

/// What `find` returns where it has no number: something was swapped since it was asked last, or
/// what it was given cannot be answered, and a slower way says why.
const SWAPPED: i32 = -1;
const REFUSED: i32 = -2;

/// The data of the callback: what it asks, and where it puts the network.
struct Data {
    asked: Rc<Asked>,
    out: *mut u32,
}

/// The function `find(address)`, whose property `located` is the array that it puts the address into, and the length of its network.
pub fn finder(env: &Env, asked: Rc<Asked>) -> Result<Unknown<'_>> {
    let raw = env.raw();
    // SAFETY: `raw` is the environment that we are called from, so that making a value in it is fine.
    let array =
        unsafe { ToNapiValue::to_napi_value(raw, Int32Array::with_data_copied([0; WORDS]))? };
    let mut out = ptr::null_mut();
    let none = ptr::null_mut::<c_void>();
    // SAFETY: `array` is a typed array of this environment; what is not asked for may be null.
    check_status!(unsafe {
        sys::napi_get_typedarray_info(
            raw,
            array,
            none.cast(),
            none.cast(),
            &raw mut out,
            none.cast(),
            none.cast(),
        )
    })?;
    let data = Box::into_raw(Box::new(Data { asked, out: out.cast() })).cast::<c_void>();
    let mut function = ptr::null_mut();
    // SAFETY: the name is a literal of this length. `find` reads `data` as the `Data` that it is, and
    // only while the function is there; `forget` frees it afterwards, once.
    check_status!(unsafe {
        sys::napi_create_function(raw, c"find".as_ptr(), 4, Some(find), data, &raw mut function)
    })?;
    // SAFETY: as above; the finalizer is `forget`.
    check_status!(unsafe {
        sys::napi_add_finalizer(raw, function, data, Some(forget), none, none.cast())
    })?;
    // A property that can be neither changed nor removed keeps the array for as long as the function.
    let property = sys::napi_property_descriptor {
        utf8name: c"located".as_ptr(),
        name: ptr::null_mut(),
        method: None,
        getter: None,
        setter: None,
        value: array,
        attributes: sys::PropertyAttributes::default,
        data: ptr::null_mut(),
    };
    // SAFETY: one descriptor, of values of this environment.
    check_status!(unsafe { sys::napi_define_properties(raw, function, 1, &raw const property) })?;
    // SAFETY: `function` is a value of this environment.
    Ok(unsafe { Unknown::from_raw_unchecked(raw, function) })
}

unsafe extern "C" fn forget(_: sys::napi_env, data: *mut c_void, _: *mut c_void) {
    // SAFETY: made by `Box::into_raw` in `finder`, and freed nowhere else.
    drop(unsafe { Box::from_raw(data.cast::<Data>()) });
}

unsafe extern "C" fn find(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let (mut count, mut value, mut data) = (1, ptr::null_mut(), ptr::null_mut());
    // SAFETY: Node-API calls with an environment and an info of its own; room for one argument is
    // given, and what is missing is `undefined`.
    let status = unsafe {
        let (count, value, data) = (&raw mut count, &raw mut value, &raw mut data);
        sys::napi_get_cb_info(env, info, count, value, ptr::null_mut(), data)
    };
    if status != sys::Status::napi_ok || data.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: see `finder`; the function that is called is alive, and its data with it.
    let Data { asked, out } = unsafe { &*data.cast::<Data>() };
    // SAFETY: `value` is an argument of this call.
    let code = match unsafe { address(env, value) }.map(|address| (address, asked.find(address))) {
        Some((address, Found::Number(number, length))) => {
            // SAFETY: the array has `WORDS` words. The function keeps it; nobody detaches it, since
            // the package hands it to nobody; and no JavaScript runs meanwhile.
            unsafe { out.cast::<[u32; WORDS]>().write(located(address, length)) };
            number
        }
        Some((_, Found::Swapped)) => SWAPPED,
        Some((_, Found::Refused)) | None => REFUSED,
    };
    let mut result = ptr::null_mut();
    // SAFETY: as above; if it should fail, a null is `undefined` to the caller.
    unsafe { sys::napi_create_int32(env, code, &raw mut result) };
    result
}

/// The address in a text, or in 4 or 16 bytes; nothing, if it is none.
///
/// # Safety
/// The value is one of the environment, of which this is the thread.
#[inline(always)]
unsafe fn address(env: sys::napi_env, value: sys::napi_value) -> Option<IpAddr> {
    let mut wide = MaybeUninit::<[u16; ROOM]>::uninit();
    let mut length = 0;
    // As UTF-16, which V8 gives faster than UTF-8; Latin-1 would cut other characters to what may be
    // digits.
    // SAFETY: at most `ROOM` units are written, with the closing zero.
    let status = unsafe {
        let (to, length) = (wide.as_mut_ptr().cast(), &raw mut length);
        sys::napi_get_value_string_utf16(env, value, to, ROOM, length)
    };
    if status == sys::Status::napi_string_expected {
        // SAFETY: as this function's.
        return unsafe { packed(env, value) };
    }
    if status != sys::Status::napi_ok {
        return None;
    }
    if length > LONGEST {
        // SAFETY: as this function's.
        return unsafe { long(env, value) };
    }
    // SAFETY: so many units have been written.
    let wide = unsafe { std::slice::from_raw_parts(wide.as_ptr().cast::<u16>(), length) };
    let mut text = [0; LONGEST];
    let mut all = 0;
    for (narrow, wide) in text.iter_mut().zip(wide) {
        all |= *wide;
        *narrow = *wide as u8;
    }
    if all > 0x7f {
        return None;
    }
    // SAFETY: every unit is ASCII, or we had returned. Asking again takes a twentieth of the call.
    parse_address(unsafe { std::str::from_utf8_unchecked(&text[..length]) }).ok()
}

/// The address in a text that is longer than one: there may be spaces around it.
#[cold]
unsafe fn long(env: sys::napi_env, value: sys::napi_value) -> Option<IpAddr> {
    // SAFETY: the value is a string of the environment.
    let text = unsafe { String::from_napi_value(env, value) };
    parse_address(&text.ok()?).ok()
}

/// The address in 4 or 16 bytes of a `Buffer` or `Uint8Array`, the first the highest.
#[cold]
unsafe fn packed(env: sys::napi_env, value: sys::napi_value) -> Option<IpAddr> {
    let (mut kind, mut length, mut bytes) = (0, 0, ptr::null_mut());
    let none = ptr::null_mut::<usize>();
    // SAFETY: the value is one of the environment; it fails for what is no typed array.
    let status = unsafe {
        let (kind, length, bytes) = (&raw mut kind, &raw mut length, &raw mut bytes);
        sys::napi_get_typedarray_info(env, value, kind, length, bytes, ptr::null_mut(), none)
    };
    if status != sys::Status::napi_ok || kind != sys::TypedarrayType::uint8_array {
        return None;
    }
    if length != 4 && length != 16 {
        return None;
    }
    let byte = |at: usize| {
        // SAFETY: a typed array of `length` bytes, which are there: no JavaScript runs meanwhile on
        // this thread. Others may write to shared memory, therefore the read is volatile.
        unsafe { bytes.cast::<u8>().add(at).read_volatile() }
    };
    Some(match length {
        4 => Ipv4Addr::from(std::array::from_fn(byte)).into(),
        _ => IpAddr::V6(std::array::from_fn::<u8, 16, _>(byte).into()).to_canonical(),
    })
}

/// The addresses in a list, as `find` reads them; if one is none, its index in the list.
pub fn addresses(list: &Object<'_>, into: &mut Addresses) -> Result<Option<u32>> {
    for at in 0..list.get_array_length()? {
        let value: Unknown<'_> = list.get_element(at)?;
        // SAFETY: a value of the environment of the list, on whose thread we are.
        match unsafe { address(value.value().env, value.value().value) } {
            Some(address) => into.push(address),
            None => return Ok(Some(at)),
        }
    }
    Ok(None)
}

/// The address in a value, as `find` reads it.
pub fn one(value: Unknown<'_>) -> Option<IpAddr> {
    // SAFETY: a value of an environment, on whose thread we are.
    unsafe { address(value.value().env, value.value().value) }
}
