/** Time in ms for which a second activation of the same thing counts as the same one. */
const REST = 500;

/**
 * Lets one action of a kind run at a time, and a moment longer than that: a button that is hit 200 times a second acts
 * once.
 */
export class Gate {
  private readonly closed = new Set<string>();

  /** Runs the action unless one with the same key runs or has just ended; tells whether it ran. */
  async run(key: string, action: () => Promise<unknown>): Promise<boolean> {
    if (this.closed.has(key)) {
      return false;
    }
    this.closed.add(key);
    try {
      await action();
    } finally {
      setTimeout(() => this.closed.delete(key), REST);
    }
    return true;
  }
}
