/**
 * A browser as a story needs it, whatever drives it. Elements are found by XPath, and every step waits
 * until they exist.
 */
export interface DrivenBrowser {
  open(url: string): Promise<void>;
  click(xpath: string): Promise<void>;
  type(xpath: string, text: string): Promise<void>;
  see(xpath: string): Promise<void>;
  /** Continues in the tab that `open` opens, and returns when `work` is done. */
  inNewTab(open: () => Promise<void>, work: () => Promise<void>): Promise<void>;
  /** Errors in the console, where the browser reports it. */
  readonly errors: readonly string[];
  /** A PNG of what the tab shows. */
  screenshot(): Promise<Buffer>;
  close(): Promise<void>;
}

export const waitMs = 30_000;

export const button = (text: string) => `//button[contains(normalize-space(.), "${text}")]`;
export const link = (text: string) => `//a[contains(normalize-space(.), "${text}")]`;
export const heading = (text: string) =>
  `//*[self::h1 or self::h2 or self::h3][contains(normalize-space(.), "${text}")]`;
export const text = (said: string) => `//*[contains(normalize-space(text()), "${said}")]`;
