using System.Globalization;
using System.Text.Json.Nodes;
using Meshia.Sandbox.Artifacts;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Sessions;
using Meshia.Sandbox.Webhooks;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Experiments;

/// <summary>Runs the experiments of a session, one after another. The session says when.</summary>
internal sealed class ExperimentRun(Seed seed, SandboxOptions options, ExperimentScript script, ArtifactContent content, WebhookOutbox outbox, ApiKeys keys)
{
    private static readonly PythonJson _noMetrics = new(new JsonObject());

    public void Queue(SqliteConnection connection, string sessionId, DateTimeOffset at)
    {
        for (var ordinal = 0; ordinal < ExperimentScript.PerSession; ordinal++)
        {
            ExperimentTable.Insert(connection, new Experiment
            {
                Id = seed.Id("exp", sessionId, ordinal.ToString(CultureInfo.InvariantCulture)),
                SessionId = sessionId,
                Ordinal = ordinal,
                Name = script.Name(sessionId, ordinal),
                Status = ExperimentStatus.Queued,
                Config = script.Config(sessionId, ordinal),
                Metrics = _noMetrics,
                CreatedAt = at,
            });
        }
    }

    /// <summary>Starts the experiment that is next in the queue and says how long it runs; null when the queue is empty.</summary>
    public TimeSpan? StartNext(SqliteConnection connection, string sessionId, DateTimeOffset at)
    {
        if (ExperimentTable.First(connection, sessionId, ExperimentStatus.Queued) is not { } experiment)
            return null;
        ExperimentTable.Update(connection, experiment with { Status = ExperimentStatus.Running, StartedAt = at });
        return experiment.Outcome?.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : options.ExperimentDuration;
    }

    /// <summary>Ends the running experiment, well or badly; false when none runs.</summary>
    public bool FinishRunning(SqliteConnection connection, Session session, DateTimeOffset at)
    {
        if (ExperimentTable.First(connection, session.Id, ExperimentStatus.Running) is not { } experiment)
            return false;
        Finish(connection, session, experiment, at);
        return true;
    }

    /// <summary>Ends an experiment as its outcome, or else the script, says.</summary>
    public void Finish(SqliteConnection connection, Session session, Experiment experiment, DateTimeOffset at)
    {
        var outcome = experiment.Outcome;
        experiment = experiment with
        {
            Metrics = outcome is null ? script.Metrics(experiment.Id, experiment.Ordinal) : PythonJson.Parse(outcome.Metrics),
        };
        if ((outcome is null ? ExperimentScript.Failure(experiment.Ordinal) : outcome.Error) is { } error)
        {
            Fail(connection, session, experiment, at, error);
            return;
        }

        var left = outcome is null ? content.Produce(experiment, at) : content.Produce(experiment, outcome.Artifacts, at);
        // What the plan has no room for is not kept, and the experiment says so.
        var plan = keys.AccountOf(session.Account).Plan;
        var lost = left.Where(artifact => !ArtifactTable.TryInsert(connection, artifact, session.Account, plan)).Select(artifact => artifact.Name).ToList();
        experiment = experiment with
        {
            Status = ExperimentStatus.Completed,
            CompletedAt = at,
            DurationSeconds = (at - experiment.StartedAt)?.TotalSeconds,
            Error = lost.Count == 0 ? null : $"The artifact storage is full. Not kept: {string.Join(", ", lost)}.",
        };
        ExperimentTable.Update(connection, experiment);
        outbox.Publish(connection, session.Account, WebhookEvents.ExperimentCompleted, at, session.Id, new JsonObject
        {
            ["experiment_id"] = experiment.Id,
            ["metrics"] = experiment.Metrics.Root.DeepClone(),
            ["duration_seconds"] = experiment.DurationSeconds,
        });
    }

    /// <summary>The session ends: what runs or waits can never complete, and a caller that waits for it must be told.</summary>
    public void Abandon(SqliteConnection connection, Session session, DateTimeOffset at)
    {
        if (ExperimentTable.First(connection, session.Id, ExperimentStatus.Running) is { } running)
            Fail(connection, session, running, at, "The session was stopped while the experiment ran.");
        while (ExperimentTable.First(connection, session.Id, ExperimentStatus.Queued) is { } queued)
            Fail(connection, session, queued, at, "The session was stopped before the experiment ran.");
    }

    private void Fail(SqliteConnection connection, Session session, Experiment experiment, DateTimeOffset at, string error)
    {
        var seconds = (at - (experiment.StartedAt ?? at)).TotalSeconds;
        ExperimentTable.Update(connection, experiment with
        {
            Status = ExperimentStatus.Failed,
            CompletedAt = at,
            DurationSeconds = seconds,
            Error = error,
        });
        outbox.Publish(connection, session.Account, WebhookEvents.ExperimentFailed, at, session.Id, new JsonObject
        {
            ["experiment_id"] = experiment.Id,
            ["error"] = error,
            ["duration_seconds"] = seconds,
        });
    }
}
