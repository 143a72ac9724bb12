import type { AnyComponent } from "../component/component.js";

/** A picture for people: uint8 `[height, width, channels]`, row by row. */
export interface LoggedImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** The picture as a PNG file, where whoever drew it made one. */
  readonly png?: Uint8Array;
}

/** Where the numbers of a run go. Steps never fall, except that a resumed run begins again at its checkpoint. */
export interface Logger {
  /** Scalars of one step by name, such as `loss/d`; they are finite. */
  scalars(step: number, values: Readonly<Record<string, number>>): void | Promise<void>;
  /** The grid of samples of a step. */
  image?(step: number, name: string, image: LoggedImage): void | Promise<void>;
  /** Values of a step, such as those of a parameter; called with every checkpoint. */
  histogram?(step: number, name: string, values: Float32Array): void | Promise<void>;
  /** The run is over, whether it is done, was stopped or failed: buffers are written, connections closed. */
  close?(): void | Promise<void>;
}

/** The files of a run, named by paths inside its folder; every write either succeeds or throws one sentence. */
export interface LogFiles {
  /** Null where there is no such file. */
  read(name: string): Promise<Uint8Array | null>;
  /** Adds to the end of a file, which is made where there is none. */
  append(name: string, content: Uint8Array | string): Promise<void>;
  /** Replaces a file in one step. */
  replace(name: string, content: Uint8Array | string): Promise<void>;
}

/** What a logger is made with. */
export interface LoggerInputs {
  /** Null for a run without a folder, such as one in a browser. */
  readonly files: LogFiles | null;
  /** Steps taken before this session; what was logged after them belongs to steps that are taken again. */
  readonly firstStep: number;
  /** Name of the run: that of its folder, or of its preset. */
  readonly name: string;
  /** Words for people, such as that a server is away. */
  note(text: string): void;
}

/** A logger as a plugin contributes it. */
export interface LoggerComponent extends AnyComponent {
  create(settings: never, inputs: LoggerInputs): Logger;
}
