/** Data of a message: text, or binary as `binaryType` says. */
export type MessageData = string | ArrayBuffer | Blob;

export interface FramegateOptions {
  /**
   * Begins a new session when the gateway has lost one, after the event `lost`, and tries until
   * `close`. Without it a lost session is a `close`. The first connection is tried once.
   */
  restart?: boolean;
  /** Class of the connections, such as that of `ws` in Node; by default the global `WebSocket`. */
  WebSocket?: unknown;
}

export interface FramegateMessageEvent extends MessageEvent<any> {
  /**
   * Time that the service took for this reply, in milliseconds, measured by the gateway: from the
   * request's last byte to the reply's last byte. Null for a message that answers none.
   */
  readonly serviceTime: number | null;
}

export interface FramegateCloseEvent extends CloseEvent {
  /** Messages that may or may not have arrived, as they were sent. */
  readonly unacknowledged: MessageData[];
}

export interface DetachedEvent extends Event {
  /** Close code of the connection, 1006. */
  readonly code: number;
  readonly reason: string;
}

export interface ResumedEvent extends Event {
  /** Number of messages that were sent again. */
  readonly sentAgain: number;
  /** Time without a connection, in milliseconds. */
  readonly detachedTime: number;
}

export interface LostEvent extends Event {
  /** Close code: 4404 if the gateway does not know the session. */
  readonly code: number;
  readonly reason: string;
  /** Messages that may or may not have arrived, as they were sent. */
  readonly unacknowledged: MessageData[];
}

export interface FramegateEventMap {
  open: Event;
  message: FramegateMessageEvent;
  error: Event;
  close: FramegateCloseEvent;
  /** The connection is lost, and the session is being resumed. Messages can be sent meanwhile. */
  detached: DetachedEvent;
  /** The session has a connection again. */
  resumed: ResumedEvent;
  /** With `restart`: the session is lost, and `open` follows when the next one has begun. */
  lost: LostEvent;
}

type Handler<T extends keyof FramegateEventMap> =
  | ((this: WebSocket, event: FramegateEventMap[T]) => any)
  | null;

/**
 * WebSocket whose session survives its connection: each message arrives once and in order.
 *
 * A message is acknowledged once it is taken: `onmessage` has returned, and the promise that it
 * returned is settled; and the iterator, if there is one, has asked for the next message. The
 * gateway holds the service back from its window on.
 */
export class Framegate extends EventTarget implements WebSocket {
  static readonly CONNECTING: 0;
  static readonly OPEN: 1;
  static readonly CLOSING: 2;
  static readonly CLOSED: 3;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;

  constructor(url: string | URL, protocols?: string | string[], options?: FramegateOptions);

  readonly url: string;
  readonly readyState: number;
  readonly extensions: string;
  readonly protocol: string;
  /** Set while the session survives the loss of its connection; false on a plain WebSocket. */
  readonly resumable: boolean;
  readonly bufferedAmount: number;
  binaryType: BinaryType;

  onopen: Handler<"open">;
  // They are read as a WebSocket's, so that a Framegate is assignable to one.
  get onmessage(): WebSocket["onmessage"];
  set onmessage(handler: Handler<"message">);
  onerror: Handler<"error">;
  get onclose(): WebSocket["onclose"];
  set onclose(handler: Handler<"close">);
  ondetached: Handler<"detached">;
  onresumed: Handler<"resumed">;
  onlost: Handler<"lost">;

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void;
  close(code?: number, reason?: string): void;

  /**
   * Iterates over the messages. A clean close ends the loop, another one is thrown as an error
   * with `code`, `reason` and `unacknowledged`.
   */
  [Symbol.asyncIterator](): AsyncGenerator<FramegateMessageEvent, void, void>;

  addEventListener<T extends keyof FramegateEventMap>(
    type: T,
    listener: (this: WebSocket, event: FramegateEventMap[T]) => any,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<T extends keyof FramegateEventMap>(
    type: T,
    listener: (this: WebSocket, event: FramegateEventMap[T]) => any,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

export default Framegate;
