// Validates the resources in YAML files against the schemas of the Gateway API 1.0.0, the
// experimental channel included: types and required fields.
//
//   node validate.mjs FILE...

import { readFileSync } from "node:fs";

import { parseAllDocuments } from "yaml";

const resources = process.argv.slice(2).flatMap((file) => {
  const documents = parseAllDocuments(readFileSync(file, "utf8"));
  return documents.map((document) => [file, document.toJS()]);
});

for (const [file, resource] of resources) {
  try {
    const { default: _, ...kinds } = await import(
      `@kubernetes-models/gateway-api/${resource.apiVersion}`
    );
    new kinds[resource.kind](resource).validate();
  } catch (error) {
    console.error(`${file}: ${resource.kind} ${resource.metadata?.name}: ${error.message}`);
    process.exitCode = 1;
  }
}
