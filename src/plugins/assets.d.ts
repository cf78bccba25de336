declare module '*.svg' {
  /** The file as text. */
  const text: string;
  export default text;
}

/** A style sheet; importing it puts it into the page. */
declare module '*.css';
