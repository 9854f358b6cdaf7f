// Every operation of the description, by a client whose types openapi-typescript has generated from it, with each answer and each
// kind of error. Arguments: the address of the API, and the key of the sandbox.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated.mjs";

type Failure = { error?: components["schemas"]["Error"]; response: Response };

const [address, key] = process.argv.slice(2) as [string, string];
const client = (apiKey: string) => createClient<paths>({ baseUrl: address, headers: { Authorization: `Bearer ${apiKey}` } });
const control = async (path: string, body: unknown) => {
  const response = await fetch(address.replace("/api/v1", `/sandbox/${path}`), {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
};

const api = client(key);
const unknown = client("msh_unknown");
const trial = client((await control("keys", { account: "trial", plan: "trial" })).key);
let operations = 0;
let errors = 0;

const check = <T,>(operation: string, status: number, answer: { data?: T } & Failure): T => {
  if (answer.error !== undefined || answer.response.status !== status) throw new Error(`${operation}: ${answer.response.status}`);
  operations++;
  return answer.data as T;
};

// The error has its type: code and message are there without a cast.
const fails = (status: number, code: string, answer: Failure) => {
  if (answer.response.status !== status || answer.error?.error.code !== code || answer.error.error.message === "") {
    throw new Error(`Expected ${status} ${code}, got ${answer.response.status} ${JSON.stringify(answer.error)}`);
  }
  errors++;
};

const path = (id: string) => ({ params: { path: { id } } });
const session = check("createSession", 201, await api.POST("/sessions", { body: { name: "ts", gpu: "rtx4090", repo: "github:user/repo" } }));
await control("clock/step", { seconds: 600 });
const running = check("listSessions", 200, await api.GET("/sessions", { params: { query: { status: "running" } } })).sessions;
if (running.length !== 1) throw new Error(`${running.length} sessions run.`);
check("getSession", 200, await api.GET("/sessions/{id}", path(session.id)));
const experiments = check("listExperiments", 200, await api.GET("/sessions/{id}/experiments", path(session.id))).experiments;
const experiment = check("getExperiment", 200, await api.GET("/experiments/{id}", path(experiments[0]!.id)));
const artifacts = check("listArtifacts", 200, await api.GET("/experiments/{id}/artifacts", path(experiment.id))).artifacts;
check("downloadArtifact", 200, await api.GET("/artifacts/{id}/download", path(artifacts[0]!.id))).url.startsWith("http");
check("compareExperiments", 200, await api.POST("/experiments/compare", { body: { experiment_ids: experiments.map(one => one.id) } }));
const webhook = check("createWebhook", 201, await api.POST("/webhooks", { body: { url: "https://localhost:1/x", events: ["session.started"], secret: "secret" } }));
check("listWebhooks", 200, await api.GET("/webhooks"));
check("deleteWebhook", 204, await api.DELETE("/webhooks/{id}", path(webhook.id)));
check("stopSession", 200, await api.POST("/sessions/{id}/stop", path(session.id)));

fails(400, "invalid_request", await api.POST("/sessions", { body: { name: "", gpu: "rtx4090" } }));
fails(400, "invalid_request", await api.POST("/experiments/compare", { body: { experiment_ids: [] } }));
fails(400, "invalid_request", await api.POST("/webhooks", { body: { url: "ftp://x", events: ["session.started"] } }));
fails(403, "plan_limit", await trial.POST("/sessions", { body: { name: "a", gpu: "h100" } }));
fails(403, "plan_limit", await trial.POST("/webhooks", { body: { url: "https://localhost:1/x", events: ["session.started"] } }));
const all: [string | undefined, (one: typeof api) => Promise<Failure>][] = [
  [undefined, one => one.GET("/sessions")],
  [undefined, one => one.POST("/sessions", { body: { name: "b", gpu: "a100" } })],
  ["session_not_found", one => one.GET("/sessions/{id}", path("none"))],
  ["session_not_found", one => one.POST("/sessions/{id}/stop", path("none"))],
  ["session_not_found", one => one.GET("/sessions/{id}/experiments", path("none"))],
  ["experiment_not_found", one => one.GET("/experiments/{id}", path("none"))],
  ["experiment_not_found", one => one.GET("/experiments/{id}/artifacts", path("none"))],
  ["experiment_not_found", one => one.POST("/experiments/compare", { body: { experiment_ids: ["a", "b"] } })],
  ["artifact_not_found", one => one.GET("/artifacts/{id}/download", path("none"))],
  [undefined, one => one.GET("/webhooks")],
  [undefined, one => one.POST("/webhooks", { body: { url: "https://localhost:1/x", events: ["session.started"] } })],
  ["webhook_not_found", one => one.DELETE("/webhooks/{id}", path("none"))],
];
for (const [notFound, call] of all) {
  if (notFound !== undefined) fails(404, notFound, await call(api));
  fails(401, "unauthorized", await call(unknown));
}

await control("faults", { on: "*", effect: "throttle" });
for (const [, call] of all) fails(429, "rate_limited", await call(api));
console.log(`${operations} operations, ${errors} errors`);
