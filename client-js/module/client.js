// Framegate: a WebSocket whose session survives its connection.
//
// It speaks the subprotocol framegate.1 (docs/sessions.md): each side keeps the messages that it
// has sent until the other has acknowledged them, and sends the rest again on the next connection.
// With a gateway that offers no such sessions it is a plain WebSocket.

const SUBPROTOCOL = "framegate.1";
/** The gateway's plain subprotocol: a browser ends a connection that confirms none of its offers. */
const PLAIN = "framegate";
const TOKEN_OFFER = "framegate.token.";

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** Close codes (RFC 6455, section 7.4), the last two of the gateway. */
const ABNORMAL = 1006;
const PROTOCOL_ERROR = 1002;
const UNKNOWN_SESSION = 4404;
/** A page may not send 1002. */
const OWN_PROTOCOL_ERROR = 4002;
/** Closes before the greeting that another attempt may not meet: shutting down, restarting, full. */
const TEMPORARY = [1001, 1012, 1013];

/** Time after which taken messages are acknowledged at the latest, in milliseconds. */
const ACK_DELAY = 100;
/** Bytes that are acknowledged at once, if half the window is more: the gateway then keeps less. */
const MAX_UNACKNOWLEDGED = 32 * 1024;
/** Longest time for a connection to be greeted, in milliseconds. */
const GREETING_TIMEOUT = 10_000;
/** Silence after which a connection that owes an acknowledgement is replaced, in milliseconds. */
const SILENCE = 15_000;
const FIRST_DELAY = 250;
const LONGEST_DELAY = 5_000;

const MAX_CONTROL = 1024;
const MAX_REASON = 123;
const TEXT = 1;
const BINARY = 2;
const GATEWAY_HEAD = 5;
const NO_TIME = 0xffff_ffff;

// A page may replace the global WebSocket by Framegate.
const NativeWebSocket = globalThis.WebSocket;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Violation of the protocol by the gateway. */
export class SessionError extends Error {}

/** Splits a gateway's message into its kind, its service time in microseconds, and its payload. */
export function splitMessage(bytes) {
  if (bytes.length < GATEWAY_HEAD) throw new SessionError("binary message is shorter than its head");
  const [kind] = bytes;
  if (kind !== TEXT && kind !== BINARY) {
    const hex = kind.toString(16).padStart(2, "0");
    throw new SessionError(
      `binary message begins with 0x${hex}: 0x01 (text) or 0x02 (binary) was expected`,
    );
  }
  const micros = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1, true);
  return {
    kind: kind === TEXT ? "text" : "binary",
    serviceMicros: micros === NO_TIME ? null : micros,
    payload: bytes.subarray(GATEWAY_HEAD),
  };
}

/** Parses a control message; unknown members are passed over. */
export function parseControl(text) {
  if (encoder.encode(text).length > MAX_CONTROL) throw new SessionError("control message is too long");
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SessionError("control message is not a JSON object");
  }
  const count = (name) => {
    const number = value[name] ?? 0;
    if (Number.isSafeInteger(number) && number >= 0) return number;
    throw new SessionError("control message is not valid: a count was expected");
  };
  if (value.session !== undefined) {
    if (typeof value.session !== "string") {
      throw new SessionError("control message is not valid: a string was expected");
    }
    const [received, window, keep] = ["received", "window", "keep"].map(count);
    return { hello: { session: value.session, received, window, keep } };
  }
  if (value.ack !== undefined) return { ack: count("ack") };
  return value.resume === false ? { ending: true } : {};
}

/** Messages that are sent and not yet acknowledged, followed by those that are not yet sent. */
export class Outbox {
  #window;
  #kept = [];
  #length = 0;
  #sent = 0;
  #sentLength = 0;
  /** Count of messages that are dropped, and the other side's last count of messages taken. */
  #dropped = 0;
  #taken = 0;

  /** Has at most `window` bytes in flight, or one longer message. */
  constructor(window = Infinity) {
    this.setWindow(window);
  }

  setWindow(window) {
    this.#window = window;
  }

  /** Keeps a message: bytes, or a Blob. */
  push(message) {
    this.#kept.push(message);
    this.#length += lengthOf(message);
  }

  /** Returns the next message that may be sent, which counts as sent then. */
  next() {
    const message = this.#kept[this.#sent];
    if (message === undefined) return undefined;
    const length = lengthOf(message);
    if (this.#sent > 0 && this.#sentLength + length > this.#window) return undefined;
    this.#sent += 1;
    this.#sentLength += length;
    return message;
  }

  /** Drops the messages up to number `count`, which the other side has taken. */
  acknowledge(count) {
    this.#check(count, this.#taken);
    this.#taken = count;
    // On a resume, the other side has told of messages that it had not taken yet.
    this.#drop(Math.max(0, count - this.#dropped));
  }

  /**
   * Begins again on a new connection, where the other side has received `count` messages.
   * Returns the number of messages that are sent again.
   */
  resume(count) {
    this.#check(count, this.#dropped);
    this.#drop(count - this.#dropped);
    const again = this.#sent;
    this.#sent = this.#sentLength = 0;
    return again;
  }

  /** Total length of the messages kept, in bytes. */
  get length() {
    return this.#length;
  }

  /** Total length of the messages that are not sent yet, in bytes. */
  get unsentLength() {
    return this.#length - this.#sentLength;
  }

  /** The messages that are not acknowledged. */
  get kept() {
    return this.#kept;
  }

  #check(count, acknowledged) {
    const sent = this.#dropped + this.#sent;
    if (count < acknowledged) {
      throw new SessionError(`${count} messages acknowledged, after ${acknowledged} were`);
    }
    if (count > sent) {
      throw new SessionError(`${count} messages acknowledged, and only ${sent} were sent`);
    }
  }

  #drop(count) {
    const length = this.#kept.splice(0, count).reduce((sum, it) => sum + lengthOf(it), 0);
    this.#length -= length;
    this.#sentLength -= length;
    this.#sent -= count;
    this.#dropped += count;
  }
}

/** Counts of the other side's messages, and when to acknowledge them. */
export class Inbox {
  received = 0;
  #taken = 0;
  #acknowledged = 0;
  #unacknowledgedLength = 0;
  #ackFrom;

  constructor(window) {
    this.setWindow(window);
  }

  setWindow(window) {
    this.#ackFrom = Math.min(Math.floor(window / 2), MAX_UNACKNOWLEDGED);
  }

  receive() {
    this.received += 1;
  }

  /** Counts `count` messages of `length` bytes in all, heads included, as taken. */
  take(count, length) {
    this.#taken += count;
    this.#unacknowledgedLength += length;
  }

  /** The time of the next acknowledgement: "never", "later" or "now". */
  get due() {
    if (this.#taken === this.#acknowledged) return "never";
    return this.#unacknowledgedLength < this.#ackFrom ? "later" : "now";
  }

  /** Returns the count to acknowledge, which counts as acknowledged then. */
  acknowledge() {
    this.#acknowledged = this.#taken;
    this.#unacknowledgedLength = 0;
    return this.#taken;
  }
}

/** State of a session, which outlives its connections. */
class Session {
  outbox = new Outbox();
  /** Set once the gateway has said that the session ends with this connection. */
  isEnding = false;
  /** Messages that are received and not yet taken, with their lengths. */
  #untaken = [];

  constructor(hello) {
    this.inbox = new Inbox(hello.window);
    this.renew(hello);
  }

  /** Notes what the greeting of a connection says. */
  renew({ session, keep, window }) {
    this.token = session;
    this.keep = keep * 1000;
    // The window holds both ways: acknowledgements of the page are behind its messages.
    this.outbox.setWindow(window);
    this.inbox.setWindow(window);
  }

  /** Counts a message as received, and returns the function that counts it as taken. */
  receive(length) {
    this.inbox.receive();
    const message = { length, taken: false };
    this.#untaken.push(message);
    return () => {
      message.taken = true;
      // A count acknowledges all messages before it, and handlers may end in any order.
      while (this.#untaken[0]?.taken) this.inbox.take(1, this.#untaken.shift().length);
    };
  }
}

export class Framegate extends EventTarget {
  static CONNECTING = CONNECTING;
  static OPEN = OPEN;
  static CLOSING = CLOSING;
  static CLOSED = CLOSED;

  #WebSocket;
  #protocols;
  #restart;
  #url;
  #origin;
  #readyState = CONNECTING;
  #binaryType = "blob";
  /** The current connection; null between two. */
  #socket = null;
  /** A connection that may be dead, until the next one is greeted: a Close would end the session. */
  #abandoned = null;
  /** Set once the current connection is greeted: messages may be sent. */
  #attached = false;
  /** The session; null before the greeting, and on a plain WebSocket. */
  #session = null;
  #isPlain = false;
  /** Time of the loss of the connection; null while there is one. */
  #detachedSince = null;
  /** Set if the first connection was greeted once: `restart` begins anew from then on. */
  #wasOpen = false;
  /** Attempts to connect since the gateway last said more than its greeting. */
  #failures = 0;
  /** The arguments of `close`. */
  #closing = null;
  /** Bytes that were passed to `send` after `close`. */
  #discarded = 0;
  #heard = 0;
  #timers = new Map();
  #handlers = new Map();
  #returned;
  /** Messages for the iterator, once there is one, and those who wait for them. */
  #isIterated = false;
  #queue = [];
  #waiting = [];
  #failure = null;
  #onOnline = () => this.#reconnect();

  static {
    for (const type of ["open", "message", "error", "close", "detached", "resumed", "lost"]) {
      Object.defineProperty(this.prototype, `on${type}`, {
        get() {
          return this.#handlers.get(type)?.handler ?? null;
        },
        set(handler) {
          this.#setHandler(type, handler);
        },
        enumerable: true,
        configurable: true,
      });
    }
    for (const name of ["CONNECTING", "OPEN", "CLOSING", "CLOSED"]) {
      Object.defineProperty(this.prototype, name, { value: this[name], enumerable: true });
    }
  }

  constructor(url, protocols = [], { restart = false, WebSocket = NativeWebSocket } = {}) {
    super();
    this.#WebSocket = WebSocket;
    this.#protocols = typeof protocols === "string" ? [protocols] : [...protocols];
    this.#restart = restart;
    this.#url = url;
    this.#connect();
    this.#url = this.#socket.url;
    this.#origin = new URL(this.#url).origin;
    globalThis.addEventListener?.("online", this.#onOnline);
  }

  get url() {
    return this.#url;
  }

  get readyState() {
    return this.#readyState;
  }

  get extensions() {
    return this.#socket?.extensions ?? "";
  }

  /** The page's own subprotocol, as a WebSocket has it: in a resumable session its first offer. */
  get protocol() {
    if (this.#session) return this.#protocols.find((it) => !it.startsWith(TOKEN_OFFER)) ?? "";
    const confirmed = (this.#isPlain && this.#socket?.protocol) || "";
    return this.#protocols.includes(confirmed) ? confirmed : "";
  }

  /** Set while the session survives the loss of its connection. */
  get resumable() {
    return this.#session !== null;
  }

  get binaryType() {
    return this.#binaryType;
  }

  set binaryType(type) {
    if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
  }

  /** Bytes that are not yet passed to the network; without a connection, all that are kept. */
  get bufferedAmount() {
    const socket = this.#socket?.bufferedAmount ?? 0;
    const outbox = this.#session?.outbox;
    const kept = (this.#attached ? outbox?.unsentLength : outbox?.length) ?? 0;
    return this.#discarded + kept + (this.#attached || this.#isPlain ? socket : 0);
  }

  send(data) {
    if (arguments.length === 0) throw new TypeError("send: 1 argument is required, and there is none");
    if (this.#readyState === CONNECTING) {
      throw new DOMException("send: the session is still connecting", "InvalidStateError");
    }
    const message = withHead(data);
    if (this.#readyState !== OPEN) {
      this.#discarded += lengthOf(message) - 1;
    } else if (this.#isPlain) {
      this.#socket.send(data);
    } else {
      this.#session.outbox.push(message);
      this.#sendAll();
    }
  }

  close(code, reason) {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(
        `close: the code is 1000 or in the range 3000 to 4999, not ${code}`,
        "InvalidAccessError",
      );
    }
    if (reason !== undefined && encoder.encode(reason).length > MAX_REASON) {
      throw new DOMException(`close: the reason is longer than ${MAX_REASON} bytes`, "SyntaxError");
    }
    if (this.#readyState >= CLOSING) return;
    this.#readyState = CLOSING;
    this.#closing = code === undefined ? [] : [code, reason ?? ""];
    if (this.#attached) {
      this.#sendAll();
    } else if (!this.#session && this.#socket?.readyState < CLOSING) {
      this.#socket.close(...this.#closing);
    } else if (!this.#session?.outbox.kept.length) {
      // As with a WebSocket, the event follows the call.
      queueMicrotask(() => this.#finish(ABNORMAL, "closed without a connection", false));
    }
    // Otherwise messages are owed: the session is resumed, and closed once they are sent again.
  }

  /**
   * Iterates over the message events. A message is acknowledged when the next one is asked for:
   * what the consumer does not take in time, the gateway holds back from the service.
   */
  async *[Symbol.asyncIterator]() {
    this.#isIterated = true;
    for (;;) {
      const message = this.#queue.shift();
      if (message) {
        try {
          yield message.event;
        } finally {
          message.take();
        }
      } else if (this.#readyState === CLOSED) {
        if (this.#failure) throw this.#failure;
        return;
      } else {
        await new Promise((wake) => this.#waiting.push(wake));
      }
    }
  }

  // Connections

  /** Opens a connection: the first, or one that resumes the session. */
  #connect() {
    let url = this.#url;
    if (this.#session) {
      const { token, inbox } = this.#session;
      const query = `resume=${encodeURIComponent(token)}&received=${inbox.received}`;
      url += (url.includes("?") ? "&" : "?") + query;
    }
    const own = this.#protocols.length > 0 ? this.#protocols : [PLAIN];
    const socket = new this.#WebSocket(url, [SUBPROTOCOL, ...own]);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    const ifCurrent = (handle) => (event) => {
      if (socket === this.#socket) handle(event);
    };
    socket.onopen = ifCurrent(() => this.#onOpen());
    socket.onmessage = ifCurrent(({ data }) => this.#onMessage(data));
    socket.onclose = ifCurrent((event) => this.#onClose(event));
    // Its close event follows; Node's sockets throw an error that nobody listens to.
    socket.onerror = () => {};
    // The first connection has the browser's own time limit.
    if (this.#wasOpen) {
      this.#setTimer("attempt", GREETING_TIMEOUT, () => this.#abandon("no greeting in time"));
    }
  }

  #onOpen() {
    if (this.#socket.protocol === SUBPROTOCOL) return;
    if (this.#session) {
      this.#socket.close();
      this.#lose(ABNORMAL, "the gateway does not keep sessions any more");
      return;
    }
    this.#isPlain = true;
    this.#opened();
  }

  #onMessage(data) {
    this.#heard = performance.now();
    if (this.#isPlain) {
      this.#deliver(typeof data === "string" ? data : this.#binary(data), null, () => {});
      return;
    }
    try {
      if (typeof data === "string") {
        this.#onControl(parseControl(data));
      } else if (this.#attached) {
        this.#failures = 0;
        this.#onData(new Uint8Array(data));
      } else {
        throw new SessionError("message before the greeting");
      }
    } catch (error) {
      this.#socket?.close(OWN_PROTOCOL_ERROR, error.message.slice(0, MAX_REASON));
      this.#finish(PROTOCOL_ERROR, error.message, false);
    }
  }

  #onControl({ hello, ack, ending }) {
    if (hello) {
      this.#greeted(hello);
      return;
    }
    this.#failures = 0;
    if (ack !== undefined && this.#attached) {
      this.#session.outbox.acknowledge(ack);
      if (this.#session.outbox.unsentLength > 0) this.#sendAll();
    } else if (ending && this.#session) {
      this.#session.isEnding = true;
    }
  }

  #greeted(hello) {
    this.#setTimer("attempt", null);
    this.#attached = true;
    if (!this.#session) {
      this.#session = new Session(hello);
      this.#opened();
      return;
    }
    const { outbox, inbox } = this.#session;
    const sentAgain = outbox.resume(hello.received);
    this.#session.renew(hello);
    // The answer makes the old token void, so it is sent even if the count has not changed.
    this.#socket.send(JSON.stringify({ ack: inbox.acknowledge() }));
    const detachedTime = performance.now() - this.#detachedSince;
    this.#detachedSince = null;
    this.#abandoned?.close();
    this.#abandoned = null;
    this.#sendAll();
    this.#dispatch(new Event("resumed"), { sentAgain, detachedTime });
  }

  #opened() {
    this.#wasOpen = true;
    if (this.#closing) {
      this.#socket.close(...this.#closing);
      return;
    }
    this.#readyState = OPEN;
    this.#dispatch(new Event("open"));
  }

  #onData(bytes) {
    const { kind, serviceMicros, payload } = splitMessage(bytes);
    const data = kind === "text" ? decoder.decode(payload) : this.#binary(payload.slice().buffer);
    const session = this.#session;
    const take = session.receive(bytes.length);
    this.#deliver(data, serviceMicros === null ? null : serviceMicros / 1000, () => {
      take();
      if (session === this.#session) this.#acknowledge();
    });
  }

  #onClose({ code, reason, wasClean = false }) {
    const wasAttached = this.#attached;
    this.#attached = false;
    this.#setTimer("attempt", null);
    this.#setTimer("silence", null);
    if (!this.#session) {
      if (this.#wasOpen && this.#restart && !this.#closing && !this.#isPlain) {
        this.#retry();
      } else {
        this.#finish(code, reason, wasClean);
      }
    } else if (code === ABNORMAL) {
      this.#detach(code, reason);
    } else if (code === UNKNOWN_SESSION || (this.#session.isEnding && this.#restart)) {
      this.#lose(code, reason);
    } else if (!wasAttached && TEMPORARY.includes(code)) {
      this.#detach(code, reason);
    } else {
      this.#finish(code, reason, wasClean);
    }
  }

  // The time without a connection

  #detach(code, reason) {
    if (this.#closing && this.#session.outbox.kept.length === 0) {
      this.#finish(code, reason, false);
      return;
    }
    if (this.#detachedSince === null) {
      this.#detachedSince = performance.now();
      this.#dispatch(new Event("detached"), { code, reason });
      if (this.#readyState === CLOSED) return;
    }
    if (performance.now() - this.#detachedSince > this.#session.keep) {
      this.#lose(code, `no connection for ${this.#session.keep / 1000} s`);
    } else {
      this.#retry();
    }
  }

  /** Connects again: at once after a loss, then with growing delays. */
  #retry() {
    const longest = Math.min(FIRST_DELAY * 2 ** (this.#failures - 1), LONGEST_DELAY);
    // Jitter keeps all pages of a restarted gateway from coming back at once.
    const delay = this.#failures === 0 ? 0 : (longest / 2) * (1 + Math.random());
    this.#failures += 1;
    this.#setTimer("retry", delay, () => this.#connect());
  }

  /** Connects at once if there is no connection, and replaces one that the network may have lost. */
  #reconnect() {
    if (!this.#wasOpen || this.#isPlain) return;
    this.#failures = 0;
    if (this.#socket?.readyState < CLOSING) this.#abandon("the network has changed");
    else this.#retry();
  }

  /** Leaves a connection that is dead or may be, and opens another. */
  #abandon(reason) {
    const socket = this.#socket;
    this.#socket = null;
    if (socket.readyState === CONNECTING) socket.close();
    else this.#abandoned = socket;
    this.#onClose({ code: ABNORMAL, reason });
  }

  /** Replaces the connection if it owes an acknowledgement and is silent. */
  #watch() {
    if (this.#timers.has("silence")) return;
    const since = performance.now();
    this.#setTimer("silence", SILENCE, () => {
      if (!this.#attached || this.#session.outbox.kept.length === 0) return;
      if (Math.max(this.#heard, since) > performance.now() - SILENCE) {
        this.#watch();
      } else {
        this.#abandon(`silent for ${SILENCE / 1000} s`);
      }
    });
  }

  /** Ends the session that the gateway has lost, or begins anew. */
  #lose(code, reason) {
    if (!this.#restart || this.#closing) {
      this.#finish(code, reason, false);
      return;
    }
    const unacknowledged = this.#unacknowledged();
    this.#session = this.#detachedSince = this.#socket = null;
    this.#attached = false;
    this.#failures = 0;
    this.#readyState = CONNECTING;
    this.#dispatch(new Event("lost"), { code, reason, unacknowledged });
    if (this.#readyState === CONNECTING) this.#retry();
  }

  #finish(code, reason, wasClean) {
    if (this.#readyState === CLOSED) return;
    const unacknowledged = this.#unacknowledged();
    this.#readyState = CLOSED;
    this.#attached = false;
    if (!wasClean) this.#socket?.close();
    this.#abandoned?.close();
    for (const name of [...this.#timers.keys()]) this.#setTimer(name, null);
    globalThis.removeEventListener?.("online", this.#onOnline);
    if (!wasClean) {
      const text = `closed with ${code}${reason ? `: ${reason}` : ""}`;
      this.#failure = Object.assign(new Error(text), { code, reason, unacknowledged });
      this.#dispatch(new Event("error"));
    }
    const close = new (globalThis.CloseEvent ?? Event)("close");
    this.#dispatch(close, { code, reason, wasClean, unacknowledged });
    this.#wake();
  }

  // Messages

  /** Sends what may be sent, and closes after the last message. */
  #sendAll() {
    // After its end a connection takes no more, and its event follows.
    if (!this.#attached || this.#socket.readyState !== OPEN) return;
    const { outbox } = this.#session;
    for (let message = outbox.next(); message; message = outbox.next()) this.#socket.send(message);
    if (outbox.kept.length > 0) this.#watch();
    if (this.#closing && outbox.unsentLength === 0) this.#socket.close(...this.#closing);
  }

  #acknowledge() {
    if (!this.#attached || this.#session.inbox.due === "never") return;
    if (this.#session.inbox.due === "later") {
      if (!this.#timers.has("ack")) this.#setTimer("ack", ACK_DELAY, () => this.#sendAck());
      return;
    }
    this.#sendAck();
  }

  #sendAck() {
    this.#setTimer("ack", null);
    if (!this.#attached || this.#socket.readyState !== OPEN) return;
    const { inbox } = this.#session;
    if (inbox.due !== "never") this.#socket.send(JSON.stringify({ ack: inbox.acknowledge() }));
  }

  /** Passes a message to the listeners and the iterator, and calls `take` when both have it. */
  #deliver(data, serviceTime, take) {
    if (this.#readyState !== OPEN) {
      take();
      return;
    }
    const event = new MessageEvent("message", { data, origin: this.#origin });
    let holders = 1;
    const release = () => {
      holders -= 1;
      if (holders === 0) take();
    };
    if (this.#isIterated) {
      holders += 1;
      this.#queue.push({ event, take: release });
    }
    this.#returned = undefined;
    this.#dispatch(event, { serviceTime });
    const returned = this.#returned;
    if (typeof returned?.then === "function") {
      Promise.resolve(returned).finally(release);
    } else {
      release();
    }
    this.#wake();
  }

  #binary(buffer) {
    return this.#binaryType === "blob" ? new Blob([buffer]) : buffer;
  }

  /** The messages that may or may not have arrived, as they were sent. */
  #unacknowledged() {
    return (this.#session?.outbox.kept ?? []).map((message) => {
      if (!(message instanceof Uint8Array)) return message.slice(1);
      const payload = message.subarray(1);
      return message[0] === TEXT ? decoder.decode(payload) : payload.slice().buffer;
    });
  }

  // Events and timers

  #dispatch(event, properties = {}) {
    for (const [name, value] of Object.entries(properties)) {
      Object.defineProperty(event, name, { value, enumerable: true });
    }
    this.dispatchEvent(event);
  }

  #wake() {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #setHandler(type, handler) {
    const registered = this.#handlers.get(type);
    if (typeof handler !== "function") {
      this.removeEventListener(type, registered?.listener);
      this.#handlers.delete(type);
    } else if (registered) {
      registered.handler = handler;
    } else {
      const entry = { handler };
      entry.listener = (event) => {
        this.#returned = entry.handler.call(this, event);
      };
      this.#handlers.set(type, entry);
      this.addEventListener(type, entry.listener);
    }
  }

  /** Sets the timer `name`, in place of the one before; a `delay` of null clears it. */
  #setTimer(name, delay, onTime) {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    if (delay === null) return;
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      onTime();
    }, delay);
    this.#timers.set(name, timer);
  }
}

export default Framegate;

function lengthOf(message) {
  return message.size ?? message.length;
}

/** Returns the message with its head; a Blob is not read. */
function withHead(data) {
  if (data instanceof Blob) return new Blob([new Uint8Array([BINARY]), data]);
  const isView = ArrayBuffer.isView(data);
  if (!isView && !(data instanceof ArrayBuffer)) return join(TEXT, encoder.encode(String(data)));
  const { buffer, byteOffset, byteLength } = isView ? data : new Uint8Array(data);
  return join(BINARY, new Uint8Array(buffer, byteOffset, byteLength));
}

function join(kind, payload) {
  const message = new Uint8Array(1 + payload.length);
  message[0] = kind;
  message.set(payload, 1);
  return message;
}
