/** An answer of a catalogue's service that came through the relay with status 200. */
export interface IRelayAnswer {
  readonly bytes: Uint8Array;
  /** Content type without parameters, lower case. */
  readonly type: string;
  readonly from: 'service' | 'cache' | 'recorded';
  /** Seconds since the service gave it. */
  readonly age?: number;
}

/** Parameters of a request; a list repeats its name. Their order is kept, for services cache by address. */
export type RelayQuery = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** An old prefix of public addresses and what has replaced it. */
export interface IRewrite {
  readonly from: string;
  readonly to: string;
}
