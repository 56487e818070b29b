// The page's WebSocket, in a worker: drawing is in no round trip, and a hidden page keeps its rate.
//
// The page posts commands; the worker posts batches of events, with the times of both directions.
// A batch is posted once the page has taken the one before: an event alone goes at once, many go
// in a batch every few milliseconds.

// The kinds of events, as in web/core/src/socket_events.rs.
const BINARY = 0;
const TEXT = 1;
const SENT = 2;
const OPENED = 3;
const CLOSED = 4;
const DROPPED = 5;

/** The most payload bytes and events in a batch: taking it is a short task of the page. */
const MAX_BATCH_BYTES = 128 * 1024;
const MAX_BATCH_EVENTS = 500;

/** What a plain connection may have waiting, because nothing holds it back: a log keeps no more. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const MAX_WAITING_EVENTS = 100_000;

/** The close code of a URL that the browser refuses. */
const INVALID_URL = 1002;

/** The shortest interval that browsers allow, in milliseconds: between ticks, and small batches. */
const TICK_MS = 4;

const encoder = new TextEncoder();
let socket = null;
/** The number of the connection, the page's clock, and whether the service is not held back. */
let [attempt, origin, isPlain] = [0, 0, true];
/** The messages that are not due yet, as pairs of a time and a message, and the timer of the first. */
let [scheduled, timer] = [[], 0];
/** The bytes handed to the socket. */
let handed = 0;
/** The events to post, and their bytes. */
let [waiting, waitingBytes] = [[], 0];
/** Whether the page has a batch that it has not taken. */
let isPosted = false;
let postedAt = 0;
let [ticks, delay] = [0, 0];

const commands = {
  open(number, url, subprotocol, timeOrigin) {
    commands.close();
    [attempt, origin, isPlain] = [number, timeOrigin, !subprotocol];
    try {
      connect(url, subprotocol);
    } catch ({ message }) {
      add(CLOSED, INVALID_URL, message);
    }
  },
  /** Sends the first message at `due`, by the page's clock, and each later one `interval` after. */
  send(due, interval, ...messages) {
    for (const message of messages) {
      scheduled.push([due, message]);
      if (!isControl(message)) due += interval;
    }
    sendDue();
  },
  close() {
    const closing = socket;
    commands.abandon();
    closing?.close(1000);
  },
  /** Leaves the connection to the browser, which ends it some time, without a Close of the page's. */
  abandon() {
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    [socket, handed, waiting, waitingBytes, scheduled] = [null, 0, [], 0, []];
  },
  taken() {
    isPosted = false;
    if (waiting.length > 0) flush();
  },
  /** Posts now and then, with events or without: a page's own timers stop while it is hidden. */
  tick(isOn) {
    clearInterval(ticks);
    if (isOn) ticks = setInterval(flush, TICK_MS);
  },
};

onmessage = ({ data: [command, ...values] }) => commands[command](...values);

function connect(url, subprotocol) {
  socket = new WebSocket(url, subprotocol || []);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => add(OPENED);
  socket.onclose = ({ code, reason }) => add(CLOSED, code, reason);
  socket.onmessage = ({ data }) => {
    const received = event(BINARY);
    if (typeof data === "string") {
      received.kind = TEXT;
      received.body = encoder.encode(data);
    } else {
      received.body = new Uint8Array(data);
    }
    received.value = received.body.length;
    waitingBytes += received.value;
    waiting.push(received);
    if (isPlain) dropOldest();
    flush();
  };
}

/** A resumable session's text is control. */
function isControl(message) {
  return !isPlain && typeof message === "string";
}

/** Sends in order the messages that are due, and wakes for the next. */
function sendDue() {
  clearTimeout(timer);
  const next = scheduled.findIndex(([due]) => due > now());
  const due = scheduled.splice(0, next < 0 ? scheduled.length : next);
  for (const [, message] of due) {
    const before = socket?.bufferedAmount;
    if (!isControl(message)) waiting.push(event(SENT));
    socket?.send(message);
    handed += socket?.bufferedAmount - before || 0;
  }
  if (scheduled.length > 0) timer = setTimeout(sendDue, scheduled[0][0] - now());
}

/** The time by the page's clock, in milliseconds. */
function now() {
  return performance.timeOrigin + performance.now() - origin;
}

function event(kind, value = 0, body = new Uint8Array()) {
  return { kind, time: now(), value, body };
}

function add(kind, value, text = "") {
  waiting.push(event(kind, value, encoder.encode(text)));
  flush();
}

/** Drops the older half of the messages if too many wait for the page. */
function dropOldest() {
  if (waitingBytes > MAX_WAITING_BYTES || waiting.length > MAX_WAITING_EVENTS) {
    const older = waiting.splice(0, waiting.length >> 1);
    const kept = older.filter(({ kind }) => kind >= SENT);
    for (const { kind, value } of older) if (kind < SENT) waitingBytes -= value;
    if (kept.length < older.length) kept.push(event(DROPPED, older.length - kept.length));
    waiting = kept.concat(waiting);
  }
}

/** Posts at once, or later together with what comes until then. */
function flush() {
  if (isPosted || delay) return;
  const isFull = waitingBytes > MAX_BATCH_BYTES || waiting.length > MAX_BATCH_EVENTS;
  const rest = isFull ? 0 : postedAt + TICK_MS - performance.now();
  if (rest <= 0) return post();
  delay = setTimeout(() => {
    delay = 0;
    if (!isPosted) post();
  }, rest);
}

function post() {
  let [count, bytes] = [0, 0];
  while (count < waiting.length && count < MAX_BATCH_EVENTS) {
    bytes += waiting[count].body.length;
    if (count > 0 && bytes > MAX_BATCH_BYTES) break;
    count += 1;
  }
  const batch = waiting.splice(0, count);
  const bodies = batch.map(({ body }) => body).filter(({ length }) => length > 0);
  // A long message is alone, and is not copied.
  const body = bodies.length === 1 ? bodies[0] : joined(bodies);
  for (const { kind, value } of batch) if (kind < SENT) waitingBytes -= value;
  const gone = handed - (socket?.bufferedAmount ?? 0);
  const values = batch.flatMap(({ kind, time, value }) => [kind, time, value]);
  const head = new Uint8Array(Float64Array.of(attempt, gone, ...values).buffer);
  isPosted = true;
  postedAt = performance.now();
  postMessage([head, body], [head.buffer, body.buffer]);
}

function joined(bodies) {
  const body = new Uint8Array(bodies.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of bodies) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}
