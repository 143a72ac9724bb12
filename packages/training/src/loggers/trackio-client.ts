/** One line of numbers, as trackio's `bulk_log` takes it. */
export interface TrackioLine {
  readonly project: string;
  readonly run: string;
  readonly run_id: string;
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** A line whose id the server has already is left out by it, so that lines can be sent again. */
  readonly log_id: string;
}

/** Where lines are sent. */
export interface TrackioAddress {
  /** Ends with a slash. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Token of a Space; null for a server of one's own. */
  readonly token: string | null;
}

/** A variable of the process; undefined in a browser. */
function variable(name: string): string | undefined {
  return (globalThis as { readonly process?: { readonly env?: Record<string, string | undefined> } }).process?.env?.[
    name
  ];
}

/**
 * The address of a server, or of a Hugging Face Space. A server's write token is in its link, as `?write_token=...`, or in `$TRACKIO_WRITE_TOKEN`; a
 * Space takes the token of `$HF_TOKEN`.
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

/** Milliseconds after which a server that says nothing counts as away. */
const patience = 10_000;

/**
 * Sends lines in one request.
 *
 * @returns why the server did not take them; null where it did. Never throws.
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
    const said = (JSON.parse(text === "" ? "{}" : text) as { readonly error?: unknown }).error;
    if (response.ok && (said === null || said === undefined)) return null;
    return `it answers ${response.status}${said === undefined || said === null ? "" : `: ${String(said)}`}`;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error && cause.message !== "" ? cause.message : message;
  }
}
