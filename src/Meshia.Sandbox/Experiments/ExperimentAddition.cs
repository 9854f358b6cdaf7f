using System.Text;
using System.Text.Json.Nodes;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Sessions;
using Meshia.Sandbox.Time;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Experiments;

/// <summary>Adds an experiment with a config, metrics, history, artifacts and end of its own.</summary>
internal sealed class ExperimentAddition(Database database, Seed seed, ExperimentRun run, SessionLifecycle sessions, WakeSignal wake, SandboxClock clock)
{
    public Experiment Add(RequestBody body)
    {
        body.RefuseUnknown("session_id", "name", "status", "config", "metrics", "history", "artifacts", "duration_seconds", "error");
        var sessionId = body.Text("session_id");
        var status = body.OptionalText("status") ?? ExperimentStatus.Completed;
        if (!ExperimentStatus.All.Contains(status))
            throw ApiException.Invalid($"'status' must be one of {string.Join(", ", ExperimentStatus.All)}.");
        var error = body.OptionalText("error") ?? (status == ExperimentStatus.Failed ? "RuntimeError: the experiment failed" : null);
        var outcome = new ExperimentOutcome(body.OptionalNumber("duration_seconds", 0, 1_000_000), error, Metrics(body), [.. body.Objects("artifacts").Select(Artifact)]);
        var config = PythonJson.Parse(body.ObjectText("config"));
        var experiment = database.Write(connection => Add(connection, sessionId, body.OptionalText("name"), status, config, outcome));
        wake.Set();
        return experiment;
    }

    private Experiment Add(SqliteConnection connection, string sessionId, string? name, string status, PythonJson config, ExperimentOutcome outcome)
    {
        var session = SessionTable.Find(connection, sessionId) ?? throw ApiException.NotFound("session", sessionId);
        var isOver = status is ExperimentStatus.Completed or ExperimentStatus.Failed;
        if (!isOver && !session.IsActive)
            throw ApiException.Conflict(ErrorCodes.NotActive, $"The session is {session.Status}: an experiment can only be added to it as completed or failed.");

        var ordinal = ExperimentTable.Count(connection, sessionId);
        // The four of the script come when the session starts, with numbers of their own.
        var number = Database.NextNumber(connection, "experiments");
        var now = clock.Now;
        var experiment = new Experiment
        {
            Id = seed.Id("exp", "added", number),
            SessionId = sessionId,
            Ordinal = Math.Max(ordinal, ExperimentScript.PerSession),
            Name = name ?? $"{seed.Name("experiment", "added", number)}-{number}",
            Status = ExperimentStatus.Queued,
            Config = config,
            Metrics = new PythonJson(new JsonObject()),
            CreatedAt = now,
            StartedAt = isOver ? now - TimeSpan.FromSeconds(outcome.Seconds ?? 0) : null,
            Outcome = outcome,
        };
        ExperimentTable.Insert(connection, experiment);
        if (isOver)
            run.Finish(connection, session, experiment, now);
        else
            sessions.TakeUpWork(connection, session);
        return ExperimentTable.Find(connection, experiment.Id)!;
    }

    /// <summary>The metrics, and each history under the name of its metric with <c>_history</c>.</summary>
    private static string Metrics(RequestBody body)
    {
        var metrics = JsonNode.Parse(body.ObjectText("metrics"))!.AsObject();
        foreach (var (name, values) in JsonNode.Parse(body.ObjectText("history"))!.AsObject())
        {
            if (values is not JsonArray { Count: > 0 } steps)
                throw ApiException.Invalid("'history' must give each metric an array that is not empty.");
            metrics[$"{name}_history"] = steps.DeepClone();
            if (!metrics.ContainsKey(name))
                metrics[name] = steps[^1]?.DeepClone();
        }

        return metrics.ToJsonString();
    }

    private static PlannedArtifact Artifact(RequestBody body)
    {
        body.RefuseUnknown("name", "content_type", "size_bytes", "text");
        var text = body.OptionalText("text", 1_000_000);
        var size = body.OptionalInteger("size_bytes", 0, Artifacts.Artifact.MaxBytes);
        if ((text is null) == (size is null))
            throw ApiException.Invalid("An artifact must have either 'text' or 'size_bytes'.");
        return new PlannedArtifact(
            body.Text("name"), body.OptionalText("content_type") ?? (text is null ? "application/octet-stream" : "text/plain; charset=utf-8"),
            size ?? Encoding.UTF8.GetByteCount(text!), text);
    }
}
