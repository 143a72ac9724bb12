/** One line of numbers, the format of trackio's `bulk_log`. */
export interface TrackioLine {
  readonly project: string;
  readonly run: string;
  readonly run_id: string;
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** The server skips lines whose id it already has, so a line can be sent again. */
  readonly log_id: string;
}

/** Where lines are sent. */
export interface TrackioAddress {
  /** Ends with a slash. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Token of a Space; null for a self-hosted server. */
  readonly token: string | null;
}

/** An environment variable; undefined in a browser. */
function variable(name: string): string | undefined {
  return (globalThis as { readonly process?: { readonly env?: Record<string, string | undefined> } }).process?.env?.[
    name
  ];
}

/**
 * Address of a server or of a Hugging Face Space. The write token of a server comes from its link (`?write_token=...`) or from
 * `$TRACKIO_WRITE_TOKEN`, that of a Space from `$HF_TOKEN`.
 */
export function trackioAddress({
  url,
  space,
}: {
  readonly url: string;
  readonly space: string | null;
}): TrackioAddress {
  if (space !== null) {
    const host = space.replace("/", "-").toLowerCase().replaceAll(/[_.]/g, "-");
    const token = variable("HF_TOKEN") ?? null;
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    return { base: `https://${host}.hf.space/`, headers, token };
  }
  const parsed = new URL(url);
  const token = parsed.searchParams.get("write_token") ?? variable("TRACKIO_WRITE_TOKEN");
  const base = `${parsed.origin}${parsed.pathname}`;
  const headers = token === undefined ? {} : { "x-trackio-write-token": token };
  return { base: base.endsWith("/") ? base : `${base}/`, headers, token: null };
}

/** Timeout of a request in milliseconds. */
const patience = 10_000;

/**
 * Sends lines in one request.
 *
 * @returns why the server did not accept them, or null. Never throws.
 */
export async function sendLines(
  { base, headers, token }: TrackioAddress,
  lines: readonly TrackioLine[],
): Promise<string | null> {
  try {
    const response = await fetch(`${base}api/bulk_log`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ args: [], kwargs: { logs: lines, hf_token: token } }),
      signal: AbortSignal.timeout(patience),
    });
    const text = await response.text();
    const message = (JSON.parse(text === "" ? "{}" : text) as { readonly error?: unknown }).error;
    if (response.ok && (message === null || message === undefined)) return null;
    return `it responds with status ${response.status}${message === undefined || message === null ? "" : `: ${String(message)}`}`;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error && cause.message !== "" ? cause.message : message;
  }
}
