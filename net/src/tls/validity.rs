//! Validity of certificates: their dates, and their order in a chain.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::error_text::date;

/// Returns true if `der` is an X.509 certificate.
pub(super) fn is_certificate(der: &CertificateDer<'_>) -> bool {
    X509Certificate::from_der(der).is_ok()
}

/// Returns the time after which `certificate` is invalid, in seconds since 1970; `None` if it
/// is not an X.509 certificate.
pub fn expiry(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    Some(parsed.validity().not_after.timestamp())
}

/// Returns a warning for each date of `certificates` that `now` is outside of.
pub fn date_warnings(certificates: &[CertificateDer<'_>], now: SystemTime) -> Vec<String> {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
    let warning = |(at, der): (usize, &CertificateDer<'_>)| {
        let (_, parsed) = X509Certificate::from_der(der).ok()?;
        let (from, to) = (parsed.validity().not_before, parsed.validity().not_after);
        let number = at + 1;
        if to.timestamp() < now {
            let to = date(to.timestamp());
            return Some(format!("certificate {number} expired at {to}: renew it"));
        }
        let from = (from.timestamp() > now).then(|| date(from.timestamp()))?;
        Some(format!(
            "certificate {number} is not valid before {from}; or this machine's clock is wrong"
        ))
    };
    certificates
        .iter()
        .enumerate()
        .filter_map(warning)
        .collect()
}

/// Returns a warning if a certificate of `chain` was not issued by the one after it.
pub fn order_warning(chain: &[CertificateDer<'_>]) -> Option<String> {
    let parsed = chain.iter().map(|der| X509Certificate::from_der(der).ok());
    let parsed: Vec<_> = parsed.collect::<Option<_>>()?;
    let wrong = parsed
        .windows(2)
        .position(|pair| pair[0].1.issuer() != pair[1].1.subject())?;
    Some(format!(
        "certificate {} was not issued by certificate {}, as it should be: clients may not trust it",
        wrong + 1,
        wrong + 2
    ))
}
