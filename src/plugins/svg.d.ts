declare module '*.svg' {
  /** The file as text. */
  const text: string;
  export default text;
}
