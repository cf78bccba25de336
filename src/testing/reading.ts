/** In an expected value: a text whose English sentence has `what` in it. */
export function reading(what: string | RegExp): unknown {
  return {
    asymmetricMatch: (text: unknown) => (typeof what === 'string' ? String(text).includes(what) : what.test(String(text))),
    toString: () => `reading ${String(what)}`
  };
}
