import { registerArithmetic } from "./arithmetic.js";
import { registerConvolutions } from "./convolution.js";
import { registerElementwise } from "./elementwise.js";
import { registerIndexing } from "./indexing.js";
import { registerMatrixProducts } from "./matrix-product.js";
import { registerOrder } from "./order.js";
import { registerReductions } from "./reduction.js";
import { registerShapes } from "./shape.js";

// The only side effect of this package: tfjs's gradient registry is global to the process, and in Node it starts empty.
registerArithmetic();
registerElementwise();
registerReductions();
registerShapes();
registerMatrixProducts();
registerConvolutions();
registerIndexing();
registerOrder();
