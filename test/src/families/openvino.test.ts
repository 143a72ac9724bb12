import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findLibrary, openvinoPlugin } from "@ganymede/backend-openvino";
import { data, openDataset } from "@ganymede/data/node";
import { sagan } from "@ganymede/models-sagan";
import { train } from "@ganymede/training/node";
import { expect, test } from "vitest";
