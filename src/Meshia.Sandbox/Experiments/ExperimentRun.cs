using System.Globalization;
using System.Text.Json.Nodes;
using Meshia.Sandbox.Artifacts;
using Meshia.Sandbox.Webhooks;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Experiments;

/// <summary>Runs the experiments of a session, one after another. The session says when.</summary>
internal sealed class ExperimentRun(Seed seed, ExperimentScript script, ArtifactContent content, WebhookOutbox outbox)
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

    /// <summary>Starts the experiment that is next in the queue; false when the queue is empty.</summary>
    public static bool StartNext(SqliteConnection connection, string sessionId, DateTimeOffset at)
    {
        if (ExperimentTable.First(connection, sessionId, ExperimentStatus.Queued) is not { } experiment)
            return false;
        ExperimentTable.Update(connection, experiment with { Status = ExperimentStatus.Running, StartedAt = at });
        return true;
    }

    /// <summary>Ends the running experiment, well or badly; false when none runs.</summary>
    public bool FinishRunning(SqliteConnection connection, string sessionId, DateTimeOffset at)
    {
        if (ExperimentTable.First(connection, sessionId, ExperimentStatus.Running) is not { } experiment)
            return false;

        experiment = experiment with { Metrics = script.Metrics(experiment.Id, experiment.Ordinal) };
        if (ExperimentScript.Failure(experiment.Ordinal) is { } error)
        {
            Fail(connection, experiment, at, error);
            return true;
        }

        experiment = experiment with
        {
            Status = ExperimentStatus.Completed,
            CompletedAt = at,
            DurationSeconds = (at - experiment.StartedAt)?.TotalSeconds,
        };
        ExperimentTable.Update(connection, experiment);
        foreach (var artifact in content.Produce(experiment, at))
            ArtifactTable.Insert(connection, artifact);
        outbox.Publish(connection, WebhookEvents.ExperimentCompleted, at, sessionId, new JsonObject
        {
            ["experiment_id"] = experiment.Id,
            ["metrics"] = experiment.Metrics.Root.DeepClone(),
            ["duration_seconds"] = experiment.DurationSeconds,
        });
        return true;
    }

    /// <summary>The session ends: what runs or waits can never complete, and whoever waits for it must hear so.</summary>
    public void Abandon(SqliteConnection connection, string sessionId, DateTimeOffset at)
    {
        if (ExperimentTable.First(connection, sessionId, ExperimentStatus.Running) is { } running)
            Fail(connection, running, at, "The session was stopped while the experiment ran.");
        while (ExperimentTable.First(connection, sessionId, ExperimentStatus.Queued) is { } queued)
            Fail(connection, queued, at, "The session was stopped before the experiment ran.");
    }

    private void Fail(SqliteConnection connection, Experiment experiment, DateTimeOffset at, string error)
    {
        var seconds = (at - (experiment.StartedAt ?? at)).TotalSeconds;
        ExperimentTable.Update(connection, experiment with
        {
            Status = ExperimentStatus.Failed,
            CompletedAt = at,
            DurationSeconds = seconds,
            Error = error,
        });
        outbox.Publish(connection, WebhookEvents.ExperimentFailed, at, experiment.SessionId, new JsonObject
        {
            ["experiment_id"] = experiment.Id,
            ["error"] = error,
            ["duration_seconds"] = seconds,
        });
    }
}
