//! Integration tests: a gateway on real sockets, and the binary with its command line.

#[cfg(unix)]
mod accepting;
mod access_control;
mod addresses;
mod admin_listener;
mod bench;
mod bridge;
mod certificate_dates;
mod cli_output;
mod client_sessions;
mod client_tls;
mod compression;
mod configuration;
mod cutting_proxy;
mod decode;
mod docs;
mod echo;
mod echo_targets;
mod endless_services;
mod frames;
mod framings;
mod harness;
mod health;
mod health_command;
mod http;
mod http_client;
mod limits;
mod live_feed;
mod liveness;
mod logging;
mod login;
#[cfg(target_os = "linux")]
mod names;
mod openings;
mod packaging;
mod process;
mod protocols;
mod proxy_protocol;
mod raw_client;
mod recording;
mod recording_drops;
mod recording_files;
mod refusals;
mod replay;
mod replay_differences;
mod resumable_client;
mod resume;
mod resume_limits;
mod rfc6455;
mod security;
mod send;
mod send_ends;
mod send_handshake;
#[cfg(unix)]
mod send_interactive;
mod signals;
mod slow_requests;
mod subprotocols;
#[cfg(unix)]
mod systemd;
mod tls;
mod tls_errors;
mod tls_upstream;
mod token;
mod tutorial;
#[cfg(unix)]
mod unix_listeners;
#[cfg(unix)]
mod unix_peers;
mod upstreams;
mod usage_errors;
