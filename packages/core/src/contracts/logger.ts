import type { AnyComponent } from "../component/component.js";

/** An image for the user: uint8 `[height, width, channels]`, row-major. */
export interface LoggedImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** The image as a PNG file, if available. */
  readonly png?: Uint8Array;
}

/** Destination of a run's numbers. Steps never decrease, except that a resumed run starts again at its checkpoint. */
export interface Logger {
  /** Scalars of one step by name, such as `loss/d`; all finite. */
  scalars(step: number, values: Readonly<Record<string, number>>): void | Promise<void>;
  /** The sample grid of a step. */
  image?(step: number, name: string, image: LoggedImage): void | Promise<void>;
  /** Values of a step, such as those of a parameter; called with every checkpoint. */
  histogram?(step: number, name: string, values: Float32Array): void | Promise<void>;
  /** Called when the run has ended: finished, stopped or failed. Flushes buffers and closes connections. */
  close?(): void | Promise<void>;
}

/** Files of a run, by path in its folder; a failed write throws one sentence. */
export interface LogFiles {
  /** Null if the file does not exist. */
  read(name: string): Promise<Uint8Array | null>;
  /** Appends to a file, which is created if necessary. */
  append(name: string, content: Uint8Array | string): Promise<void>;
  /** Replaces a file atomically. */
  replace(name: string, content: Uint8Array | string): Promise<void>;
}

/** Inputs of a logger's factory. */
export interface LoggerInputs {
  /** Null for a run without a folder, such as in a browser. */
  readonly files: LogFiles | null;
  /** Steps taken before this session; what was logged after them belongs to steps that are repeated. */
  readonly firstStep: number;
  /** Name of the run: that of its folder or preset. */
  readonly name: string;
  /** Prints a message for the user, such as that a server is unreachable. */
  note(text: string): void;
}

/** A logger as a plugin provides it. */
export interface LoggerComponent extends AnyComponent {
  create(settings: never, inputs: LoggerInputs): Logger;
}
