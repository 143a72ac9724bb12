/** A shader of the backend: its source, and the key of its compiled form. */
interface Program {
  readonly shaderKey: string;
  getUserCode(): string;
}

type Rewrite = readonly [find: string, put: string];

/**
 * a = k pi/2 + r with |r| <= pi/4, with pi/2 in three parts so that products with k are exact, and the sine and cosine of r as polynomials:
 * accurate to 1e-7 up to about ten thousand. WGSL allows `sin` an error of 5e-4 even near zero, and specifies nothing for large arguments.
 * Source: Moshier's Cephes, single precision, sinf.c, for the constants.
 */
const reduced = `
  let k = round(a * 0.6366197723675814);
  let r = ((a - k * 1.5703125) - k * 4.837512969970703125e-4) - k * 7.54978995489188216e-8;
  let z = r * r;
  let s = ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * r + r;
  let c = ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z - 0.5 * z + 1.0;
  let quadrant = i32(k) & 3;
  let odd = (quadrant & 1) == 1;`;

const circular: readonly Rewrite[] = [
  ["return sin(a);", `${reduced}\n  let y = select(s, c, odd);\n  return select(y, -y, quadrant >= 2);`],
  [
    "return cos(a);",
    `${reduced}\n  let y = select(c, s, odd);\n  return select(y, -y, quadrant == 1 || quadrant == 2);`,
  ],
  ["return tan(a);", `${reduced}\n  return select(s / c, -c / s, odd);`],
];

/** Elements of int32 and bool tensors are copied as integers; the original shader passes them to a float function. */
const integers: readonly Rewrite[] = [["setOutputAtIndex(flatIndex, A[", "setOutputAtIndexI32(flatIndex, A["]];

function rewritesOf({ shaderKey }: Program, dtype: string): readonly Rewrite[] {
  if (shaderKey.startsWith("unary_")) return circular;
  return shaderKey.startsWith("transpose_") && dtype !== "float32" ? integers : [];
}

/** Fixes incorrect shaders of the backend before it compiles them. */
export function mendShaders(backend: object): void {
  const engine = backend as {
    runWebGPUProgram(program: Program, inputs: unknown, dtype: string, ...rest: unknown[]): unknown;
  };
  const run = engine.runWebGPUProgram.bind(engine);
  engine.runWebGPUProgram = (program, inputs, dtype, ...rest) => {
    const rewrites = rewritesOf(program, dtype);
    if (rewrites.length > 0) {
      const write = program.getUserCode.bind(program);
      program.getUserCode = () => rewrites.reduce((code, [find, put]) => code.replace(find, put), write());
    }
    return run(program, inputs, dtype, ...rest);
  };
}
