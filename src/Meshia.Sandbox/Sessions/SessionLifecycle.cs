using System.Text.Json.Nodes;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Experiments;
using Meshia.Sandbox.Webhooks;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Sessions;

/// <summary>
/// What becomes of a session. Each change happens at the stored time at which it was due, however late it is
/// noticed, so a sandbox that slept or was restarted ends in the same state as one that was watched.
/// </summary>
internal sealed class SessionLifecycle(
    Database database, Seed seed, SandboxOptions options, Plan plan, ExperimentRun experiments, WebhookOutbox outbox, WakeSignal wake, TimeProvider time)
{
    private static readonly TimeSpan _stopping = TimeSpan.FromSeconds(1);

    public Session Create(string name, string gpu, string? repo) => Write(connection =>
    {
        if (SessionTable.CountActive(connection) >= plan.MaxSessions)
            throw ApiException.PlanLimit($"The {plan.Name} plan allows {plan.MaxSessions} session at a time. Stop the other one first.");

        var now = time.GetUtcNowInMilliseconds();
        var session = new Session
        {
            Id = NewId(connection),
            Name = name,
            Gpu = gpu,
            Repo = repo,
            Status = SessionStatus.Provisioning,
            CreatedAt = now,
            EndsAt = now + plan.MaxDuration,
            NextAt = now + options.Provisioning,
        };
        SessionTable.Insert(connection, session);
        return session;
    });

    public Session Stop(string id) => Write(connection =>
    {
        var session = SessionTable.Get(connection, id);
        if (session.Status is not (SessionStatus.Provisioning or SessionStatus.Running))
            return session;
        session = BeginStop(connection, session, time.GetUtcNowInMilliseconds());
        SessionTable.Update(connection, session);
        return session;
    });

    /// <summary>Adds sessions that ended long ago, to have a long list.</summary>
    public void CreateStopped(int count) => database.Write(connection =>
    {
        var newest = time.GetUtcNowInMilliseconds() - TimeSpan.FromHours(1);
        for (var i = 0; i < count; i++)
        {
            var id = NewId(connection);
            var created = newest - TimeSpan.FromSeconds(count - 1 - i);
            SessionTable.Insert(connection, new Session
            {
                Id = id,
                Name = seed.Name(id),
                Gpu = plan.Gpus[i % plan.Gpus.Count],
                Status = SessionStatus.Stopped,
                CreatedAt = created,
                StartedAt = created + options.Provisioning,
                StoppedAt = created + options.Provisioning + TimeSpan.FromMinutes(30),
                EndsAt = created + plan.MaxDuration,
            });
        }
    });

    /// <summary>Makes every change that is due by now, the oldest first.</summary>
    public void Advance()
    {
        var now = time.GetUtcNowInMilliseconds();
        using (var connection = database.Open())
        {
            if (!SessionTable.AnyDue(connection, now))
                return;
        }

        Write(connection =>
        {
            while (SessionTable.FirstDue(connection, now) is { NextAt: { } at } session)
                SessionTable.Update(connection, Step(connection, session, at));
            return true;
        });
    }

    private Session Step(SqliteConnection connection, Session session, DateTimeOffset at)
    {
        switch (session.Status)
        {
            case SessionStatus.Stopping:
                session = session with { Status = SessionStatus.Stopped, StoppedAt = at, NextAt = null };
                Publish(connection, WebhookEvents.SessionStopped, session, at);
                return session;
            case var _ when at >= session.EndsAt:
                return BeginStop(connection, session, at);
            case SessionStatus.Provisioning:
                session = session with { Status = SessionStatus.Running, StartedAt = at };
                Publish(connection, WebhookEvents.SessionStarted, session, at);
                experiments.Queue(connection, session.Id, at);
                break;
            default:
                // Nothing ran until now: the session has been idle for too long.
                if (!experiments.FinishRunning(connection, session.Id, at))
                    return BeginStop(connection, session, at);
                break;
        }

        var next = at + (ExperimentRun.StartNext(connection, session.Id, at) ? options.ExperimentDuration : options.Idle);
        return session with { NextAt = next < session.EndsAt ? next : session.EndsAt };
    }

    private Session BeginStop(SqliteConnection connection, Session session, DateTimeOffset at)
    {
        experiments.Abandon(connection, session.Id, at);
        return session with { Status = SessionStatus.Stopping, NextAt = at + _stopping };
    }

    private void Publish(SqliteConnection connection, string name, Session session, DateTimeOffset at) =>
        outbox.Publish(connection, name, at, session.Id, new JsonObject
        {
            ["name"] = session.Name,
            ["gpu"] = session.Gpu,
            ["status"] = session.Status,
        });

    private string NewId(SqliteConnection connection) => seed.Id("sess", Database.NextNumber(connection, "sessions"));

    private T Write<T>(Func<SqliteConnection, T> work)
    {
        var result = database.Write(work);
        wake.Set();
        return result;
    }
}
