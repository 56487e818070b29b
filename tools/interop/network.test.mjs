// Services of networks: DNS, LDAP, SNMP, TLS, BGP, OpenFlow, syslog, IRC, SMTP, SIP, gpsd.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { readFile, watch, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import sip from "sip";
import { bothWays, connect } from "./gateway.mjs";
import { ENVIRONMENT, find, findPython, packaged, loopback, run, serve, temporaryFolder } from "./process.mjs";

const options = { timeout: 60_000 };

const hex = (text) => Buffer.from(text.replaceAll(" ", ""), "hex");

test("dnsmasq: names are resolved", options, async (t) => {
  const program = find(t, "dnsmasq", "dnsmasq-base");
  if (!program) return;
  const user = process.getuid() === 0 ? ["--user=root", "--group=root"] : [];
  const server = await serve(t, program, (host, port) => [
    "--keep-in-foreground",
    "--conf-file=/dev/null",
    "--no-resolv",
    "--no-hosts",
    "--bind-interfaces",
    `--listen-address=${host}`,
    `--port=${port}`,
    "--host-record=name.example,192.0.2.7",
    "--pid-file",
    ...user,
  ]);
  await bothWays(t, server, "framing=u16be", async (talk) => {
    const query = (id, name) =>
      Buffer.concat([
        hex(`${id} 0100 0001 0000 0000 0000`),
        ...name.split(".").map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`)),
        hex("00 0001 0001"),
      ]);
    const [found, refused] = await talk([query("0007", "name.example"), query("0008", "other.test")], 2);
    assert.equal(found.subarray(0, 8).toString("hex"), "0007858000010001");
    assert.deepEqual(found.subarray(-4), Buffer.of(192, 0, 2, 7));
    assert.deepEqual([refused[1], refused[3] & 15], [8, 5]);
  });
});

async function startSlapd(t) {
  const program = find(t, "slapd", "slapd");
  if (!program) return undefined;
  const folder = await temporaryFolder(t);
  const config = join(folder, "slapd.conf");
  await writeFile(
    config,
    `modulepath ${packaged("/usr/lib/ldap")}
moduleload back_ldif
include ${packaged("/etc/ldap/schema/core.schema")}
pidfile ${join(folder, "pid")}
database ldif
suffix "dc=example"
directory ${folder}
rootdn "cn=admin,dc=example"
rootpw secret
`,
  );
  // A debug level keeps it in the foreground.
  const args = (host, port) => ["-f", config, "-h", `ldap://${host}:${port}`, "-d", "0"];
  return serve(t, program, args);
}

/** A value of BER. */
function ber(tag, ...contents) {
  const content = Buffer.concat(contents.map((it) => (typeof it === "string" ? Buffer.from(it) : it)));
  const { length } = content;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

test("slapd: an entry is added and found", options, async (t) => {
  const server = await startSlapd(t);
  if (!server) return;
  const ldap = (id, operation) => ber(0x30, ber(2, Buffer.of(id)), operation);
  const bind = (password) =>
    ber(0x60, ber(2, Buffer.of(3)), ber(4, "cn=admin,dc=example"), ber(0x80, password));
  const attribute = (name, ...values) =>
    ber(0x30, ber(4, name), ber(0x31, ...values.map((value) => ber(4, value))));
  const text = "long ".repeat(100).trim();
  const add = ber(
    0x68,
    ber(4, "dc=example"),
    ber(0x30, attribute("objectClass", "dcObject", "organization"), attribute("dc", "example"),
      attribute("o", text)),
  );
  const search = ber(
    0x63,
    ber(4, "dc=example"),
    ber(10, Buffer.of(2)),
    ber(10, Buffer.of(0)),
    ber(2, Buffer.of(0)),
    ber(2, Buffer.of(0)),
    ber(1, Buffer.of(0)),
    ber(0x87, "objectClass"),
    ber(0x30, ber(4, "o")),
  );
  const result = (id, tag, code) => ldap(id, ber(tag, ber(10, Buffer.of(code)), ber(4), ber(4)));
  const connection = await connect(t, server, "framing=ber");
  assert.deepEqual(await connection.ask(ldap(1, bind("wrong"))), result(1, 0x61, 49));
  assert.deepEqual(await connection.ask(ldap(2, bind("secret"))), result(2, 0x61, 0));
  assert.deepEqual(await connection.ask(ldap(3, add)), result(3, 0x69, 0));
  await bothWays(t, server, "framing=ber", async (talk) => {
    const [bound] = await talk([ldap(1, bind("secret"))]);
    assert.deepEqual(bound, result(1, 0x61, 0));
    const [entry, done] = await talk([ldap(4, search)], 2);
    const found = ber(0x64, ber(4, "dc=example"), ber(0x30, attribute("o", text)));
    // slapd writes the longer form of lengths.
    assert.ok(entry.includes(text) && entry.includes("dc=example"));
    assert.ok(entry.length >= ldap(4, found).length);
    assert.deepEqual(done, result(4, 0x65, 0));
  });
});

test("snmpd: the system's name is read over TCP", options, async (t) => {
  const program = find(t, "snmpd", "snmpd");
  if (!program) return;
  const folder = await temporaryFolder(t);
  const config = join(folder, "snmpd.conf");
  await writeFile(config, "rocommunity public\nsysName interop\n");
  const env = { ...ENVIRONMENT, SNMP_PERSISTENT_DIR: folder, MIBS: "" };
  const args = (host, port) => ["-f", "-Lo", "-C", "-c", config, `tcp:${host}:${port}`];
  const server = await serve(t, program, args, { env });
  await bothWays(t, server, "framing=ber", async (talk) => {
    const name = hex("2b06010201010500");
    const message = (type, value) =>
      ber(
        0x30,
        ber(2, Buffer.of(1)),
        ber(4, "public"),
        ber(type, ber(2, Buffer.of(7)), ber(2, Buffer.of(0)), ber(2, Buffer.of(0)),
          ber(0x30, ber(0x30, ber(6, name), value))),
      );
    const [reply] = await talk([message(0xa0, ber(5))], 1);
    assert.deepEqual(reply, message(0xa2, ber(4, "interop")));
  });
});

/** ClientHello of TLS 1.2 without extensions, with TLS_RSA_WITH_AES_128_CBC_SHA. */
const CLIENT_HELLO = Buffer.concat([hex("16 0301 01 000029 0303"), Buffer.alloc(32, 7), hex("00 0002 002f 0100")]);

test("OpenSSL: records of a handshake", options, async (t) => {
  const program = find(t, "openssl", "openssl");
  if (!program) return;
  const folder = await temporaryFolder(t);
  const [key, certificate] = [join(folder, "key"), join(folder, "cert")];
  await run(t, program, [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=interop"],
    ...["-keyout", key, "-out", certificate],
  ]);
  const server = await serve(t, program, (host, port) => [
    ...["s_server", "-accept", `${host}:${port}`, "-key", key, "-cert", certificate],
    ...["-cipher", "ALL:@SECLEVEL=0", "-tls1_2", "-quiet"],
  ]);
  await bothWays(t, server, "framing=3+u16be", async (talk) => {
    const records = await talk([CLIENT_HELLO], 3);
    // ServerHello, Certificate, ServerHelloDone.
    assert.deepEqual(records.map((record) => [record[0], record[3]]), [[22, 2], [22, 11], [22, 14]]);
    assert.ok(records[1].includes("interop"));
    assert.deepEqual(records[2], hex("16 0303 0e 000000"));
  });
});

test("BIRD: a session of BGP is opened", options, async (t) => {
  const program = find(t, "bird", "bird2");
  if (!program) return;
  const folder = await temporaryFolder(t);
  const config = join(folder, "bird.conf");
  const server = await serve(t, program, async (host, port) => {
    await writeFile(
      config,
      `router id 192.0.2.1;
protocol device {}
protocol bgp {
  local ${host} port ${port} as 65001;
  neighbor range 127.0.0.0/8 as 65002;
  multihop;
  passive;
  ipv4 { import none; export none; };
}
`,
    );
    return ["-f", "-c", config, "-s", join(folder, "control")];
  });
  await bothWays(t, server, "framing=0xffffffffffffffffffffffffffffffff+u16be-all", async (talk) => {
    // OPEN: version 4, AS, hold time, identifier, no parameters. KEEPALIVE.
    const [opened, alive] = await talk([hex("01 04 fdea 00b4 c0000202 00"), hex("04")], 2);
    assert.deepEqual(opened.subarray(0, 4), hex("01 04 fde9"));
    assert.deepEqual(opened.subarray(6, 10), hex("c0000201"));
    assert.equal(opened[10], opened.length - 11);
    assert.deepEqual(alive, hex("04"));
  });
});

test("Open vSwitch: a switch says hello to a controller of OpenFlow", options, async (t) => {
  const program = find(t, "ovs-testcontroller", "openvswitch-testcontroller");
  if (!program) return;
  const folder = await temporaryFolder(t);
  const args = (host, port) => [`--unixctl=${join(folder, "control")}`, `ptcp:${port}:${host}`];
  const server = await serve(t, program, args, { env: { ...ENVIRONMENT, OVS_RUNDIR: folder } });
  await bothWays(t, server, "framing=2+u16be-all", async (talk) => {
    // OpenFlow 1.0: HELLO, ECHO_REQUEST.
    const messages = [hex("01 00 00000001"), hex("01 02 00000002 cafe")];
    const replies = await talk(messages, 4);
    // HELLO, ECHO_REPLY, FEATURES_REQUEST, SET_CONFIG.
    assert.deepEqual(replies.map((reply) => reply[1]).sort(), [0, 3, 5, 9]);
    assert.ok(replies.some((reply) => reply.equals(hex("01 03 00000002 cafe"))));
  });
});

/** rsyslog, which writes each message in brackets. */
async function startRsyslog(t) {
  const program = find(t, "rsyslogd", "rsyslog");
  if (!program) return undefined;
  const folder = await temporaryFolder(t);
  const config = join(folder, "rsyslog.conf");
  const log = join(folder, "log");
  const server = await serve(t, program, async (host, port) => {
    await writeFile(
      config,
      `global(workDirectory="${folder}" parser.escapeControlCharactersOnReceive="off")
module(load="imtcp")
input(type="imtcp" address="${host}" port="${port}")
template(name="plain" type="string" string="[%msg%]\\n")
action(type="omfile" file="${log}" template="plain")
`,
    );
    return ["-n", "-f", config, "-i", join(folder, "pid"), "-M", packaged("/usr/lib/x86_64-linux-gnu/rsyslog")];
  });
  return { server, folder, log };
}

/** Waits until a file of the folder has this text. */
async function written(folder, path, text) {
  const ended = new AbortController();
  const limit = setTimeout(() => ended.abort(), 10_000);
  const changes = watch(folder, { signal: ended.signal });
  try {
    for (;;) {
      // Before the file is read, so that no change is missed.
      const change = changes.next();
      change.catch(() => {});
      if ((await readFile(path, "utf8").catch(() => "")).includes(text)) return;
      await change;
    }
  } finally {
    clearTimeout(limit);
    ended.abort();
  }
}

/** Sends a message and another, which rsyslog writes one by one. */
async function checkSyslog(t, framing, message) {
  const syslog = await startRsyslog(t);
  if (!syslog) return;
  await bothWays(t, syslog.server, `framing=${framing}`, async (talk) => {
    const id = randomInt(1_000_000);
    const messages = [`<14>1 - - - - - - ${id} ${message}`, `<14>1 - - - - - - ${id} end`];
    await talk(messages.map((it) => Buffer.from(it)), 0);
    await written(syslog.folder, syslog.log, `[${id} ${message}]\n[${id} end]\n`);
  });
}

test("rsyslog: messages in octet-counting", options, (t) => {
  return checkSyslog(t, "octet-counting", "two\nlines");
});

test("rsyslog: messages in lines", options, (t) => checkSyslog(t, "lines", "one line"));

test("ngIRCd: a user logs in", options, async (t) => {
  const program = find(t, "ngircd", "ngircd");
  if (!program) return;
  const folder = await temporaryFolder(t);
  const config = join(folder, "ngircd.conf");
  const server = await serve(t, program, async (host, port) => {
    await writeFile(
      config,
      `[Global]
Name = irc.interop
Info = test
Listen = ${host}
Ports = ${port}
MotdPhrase = hello
PidFile = ${join(folder, "pid")}
[Limits]
[Options]
DNS = no
Ident = no
PAM = no
ChrootDir =
`,
    );
    return ["-n", "-f", config];
  });
  await bothWays(t, server, "framing=crlf", async (talk) => {
    // The one before may still be logged in.
    const nick = `nick${randomInt(10_000)}`;
    const replies = await talk([`NICK ${nick}`, "USER user 0 * :Name"].map((it) => Buffer.from(it)), 1);
    assert.match(`${replies[0]}`, new RegExp(`^:irc\\.interop 001 ${nick} :Welcome `));
  });
});

test("aiosmtpd: a mail is delivered", options, async (t) => {
  const python = findPython(t);
  if (!python) return;
  const args = (host, port) => ["-m", "aiosmtpd", "-n", "-l", `${host}:${port}`];
  const server = await serve(t, python, args);
  const connection = await connect(t, server, "framing=crlf");
  const reply = async () => {
    const lines = [];
    do lines.push(`${await connection.next()}`);
    while (lines.at(-1)[3] === "-");
    return lines.at(-1);
  };
  assert.match(await reply(), /^220 /);
  const mail = ["EHLO client", "MAIL FROM:<a@example>", "RCPT TO:<b@example>", "DATA"];
  const codes = [];
  for (const line of mail) {
    connection.send(Buffer.from(line));
    codes.push((await reply()).slice(0, 3));
  }
  assert.deepEqual(codes, ["250", "250", "250", "354"]);
  for (const line of ["Subject: hello", "", "text", "."]) connection.send(Buffer.from(line));
  assert.match(await reply(), /^250 /);
  await bothWays(t, server, "framing=crlf", async (talk) => {
    const replies = await talk([Buffer.from("HELO client"), Buffer.from("QUIT")]);
    assert.match(`${replies[0]}`, /^220 /);
  });
});

test("sip: requests are answered over TCP", options, async (t) => {
  const [host, port] = [loopback(), randomInt(20_000, 30_000)];
  const answer = (request) => {
    const response = sip.makeResponse(request, 200, "OK");
    response.content = request.content?.toUpperCase() ?? "";
    sip.send(response);
  };
  sip.start({ tcp: true, udp: false, address: host, port, publicAddress: host }, answer);
  t.after(() => sip.stop());
  const request = (id, body) =>
    Buffer.from(
      `MESSAGE sip:b@${host} SIP/2.0\r\n` +
        `Via: SIP/2.0/TCP 127.0.0.1:1;branch=z9hG4bK${id}\r\n` +
        `From: <sip:a@example>;tag=1\r\nTo: <sip:b@example>\r\nCall-ID: ${id}\r\n` +
        `CSeq: 1 MESSAGE\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  await bothWays(t, `tcp://${host}:${port}`, "framing=headers", async (talk) => {
    const id = randomInt(1_000_000);
    const requests = [request(`${id}a`, "hello\r\n\r\nworld"), request(`${id}b`, "")];
    const responses = (await talk(requests, 2)).map(String);
    assert.match(responses[0], /^SIP\/2\.0 200 OK\r\n[^]*\r\n\r\nHELLO\r\n\r\nWORLD$/);
    assert.match(responses[1], /^SIP\/2\.0 200 OK\r\n[^]*\r\n\r\n$/);
    for (const [index, suffix] of ["a", "b"].entries()) {
      assert.ok(responses[index].includes(`${id}${suffix}\r\n`));
    }
  });
});

test("gpsd: objects of JSON in lines", options, async (t) => {
  const program = find(t, "gpsd", "gpsd");
  if (!program) return;
  const control = join(await temporaryFolder(t), "control");
  const args = (_, port) => ["-N", "-F", control, "-S", port];
  const server = await serve(t, program, args, {}, "127.0.0.1");
  await bothWays(t, server, "framing=lines", async (talk) => {
    const replies = await talk([Buffer.from("?DEVICES;"), Buffer.from("?POLL;")], 3);
    const classes = replies.map((reply) => JSON.parse(reply).class);
    assert.deepEqual([classes[0], classes[1]], ["VERSION", "DEVICES"]);
  });
});
