// The client's engine as an oracle: reads base64 lines, answers each with `reject` or with the
// SHA-256 of the canonical form of what JSON.parse makes of it.
//
// Canonical form, which tests/json_oracle.rs makes too: n t f for words, the bits of a number as 16
// hexadecimal digits after #, strings as hexadecimal UTF-8 after a quote, [a,b], {"name:value,...}
// with the rendered members sorted; lists and objects below DEPTH levels are ~.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

const DEPTH = 200;

const text = (string) => '"' + Buffer.from(string.toWellFormed(), "utf8").toString("hex");

function number(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return "#" + bytes.toString("hex");
}

function canonical(value, depth) {
  switch (typeof value) {
    case "string":
      return text(value);
    case "number":
      return number(value);
    case "boolean":
      return value ? "t" : "f";
  }
  if (value === null) return "n";
  if (depth >= DEPTH) return "~";
  if (Array.isArray(value)) return "[" + value.map((inner) => canonical(inner, depth + 1)).join(",") + "]";
  const members = Object.keys(value).map((name) => text(name) + ":" + canonical(value[name], depth + 1));
  return "{" + members.sort().join(",") + "}";
}

function answer(bytes) {
  let decoded = bytes.toString("utf8");
  if (decoded !== new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)) return "decoders differ";
  if (decoded.charCodeAt(0) === 0xfeff) decoded = decoded.slice(1);
  let value;
  try {
    value = JSON.parse(decoded);
  } catch (error) {
    if (error instanceof SyntaxError) return "reject";
    return "trouble: " + error;
  }
  return createHash("sha256").update(canonical(value, 0)).digest("hex");
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(answer(Buffer.from(line, "base64")) + "\n");
}
