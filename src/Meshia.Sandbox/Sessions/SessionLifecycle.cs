using System.Text.Json.Nodes;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Experiments;
using Meshia.Sandbox.Faults;
using Meshia.Sandbox.Time;
using Meshia.Sandbox.Webhooks;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Sessions;

/// <summary>
/// What becomes of a session. Each change happens at the stored time at which it was due, however late it is
/// noticed, so a sandbox that slept or was restarted ends in the same state as one that was watched.
/// </summary>
internal sealed class SessionLifecycle(
    Database database, Seed seed, SandboxOptions options, ExperimentRun experiments, WebhookOutbox outbox, WakeSignal wake, SandboxClock clock)
{
    private const int BatchSize = 25;

    private static readonly TimeSpan _stopping = TimeSpan.FromSeconds(1);

    // Milliseconds of the earliest change that is due, or a little earlier. Most requests need no look into the database.
    private long _earliest;

    public Session Create(Account account, string name, string gpu, string? repo, Fault? fault)
    {
        if (account.Plan.MaxSessions < int.MaxValue)
            Advance();
        return Write(connection =>
        {
            var plan = account.Plan;
            if (plan.MaxSessions < int.MaxValue && SessionTable.CountActive(connection, account, plan.MaxSessions) >= plan.MaxSessions)
                throw ApiException.PlanLimit($"The {plan.Name} plan allows {plan.MaxSessions} session at a time. Stop the other one first.");

            var now = clock.Now;
            var session = new Session
            {
                Id = NewId(connection),
                Account = account.Name,
                Name = name,
                Gpu = gpu,
                Repo = repo,
                Status = SessionStatus.Provisioning,
                CreatedAt = now,
                EndsAt = now + plan.MaxDuration,
                NextAt = fault?.Effect == FaultEffect.StayProvisioning ? now + plan.MaxDuration : now + options.Provisioning,
                Fault = fault?.Effect.ToString(),
                FaultSeconds = fault?.Seconds,
            };
            SessionTable.Insert(connection, session);
            return session;
        });
    }

    public Session Stop(Account account, string id) => Write(connection =>
    {
        var session = SessionTable.Get(connection, account, id);
        if (!session.IsActive)
            return session;
        session = BeginStop(connection, session, clock.Now, SessionStopReason.User);
        SessionTable.Update(connection, session);
        return session;
    });

    /// <summary>Somebody uses the session: the time until the idle stop begins again.</summary>
    public Session KeepBusy(string id) => Write(connection =>
    {
        var session = SessionTable.Find(connection, id) ?? throw ApiException.NotFound("session", id);
        if (session.Status != SessionStatus.Running)
            throw ApiException.Conflict(ErrorCodes.NotActive, $"The session is {session.Status}, not running.");
        if (session.IdleAt is null)
            return session;
        session = BecomeIdle(session, clock.Now);
        SessionTable.Update(connection, session);
        return session;
    });

    /// <summary>A session that is idle takes up an experiment that was queued for it.</summary>
    public void TakeUpWork(SqliteConnection connection, Session session)
    {
        if (session is { Status: SessionStatus.Running, IdleAt: not null })
            SessionTable.Update(connection, Continue(connection, session, clock.Now));
        Volatile.Write(ref _earliest, 0);
    }

    /// <summary>Adds sessions that ended long ago, to have a long list.</summary>
    public void CreateStopped(Account account, int count) => database.Write(connection =>
    {
        var newest = clock.Now - TimeSpan.FromHours(1);
        for (var i = 0; i < count; i++)
        {
            var id = NewId(connection);
            var created = newest - TimeSpan.FromSeconds(count - 1 - i);
            SessionTable.Insert(connection, new Session
            {
                Id = id,
                Account = account.Name,
                Name = seed.Name(id),
                Gpu = account.Plan.Gpus[i % account.Plan.Gpus.Count],
                Status = SessionStatus.Stopped,
                StopReason = SessionStopReason.Idle,
                CreatedAt = created,
                StartedAt = created + options.Provisioning,
                StoppedAt = created + options.Provisioning + TimeSpan.FromMinutes(30),
                EndsAt = created + account.Plan.MaxDuration,
            });
        }
    });

    /// <summary>When the next change is due; null when none is.</summary>
    public DateTimeOffset? NextDue()
    {
        using var connection = database.Open();
        return SessionTable.NextDue(connection);
    }

    /// <summary>Makes every change that is due by now, the oldest first.</summary>
    public void Advance()
    {
        var now = clock.Now;
        while (now.ToUnixTimeMilliseconds() >= Volatile.Read(ref _earliest))
        {
            // In batches, so that a request need not wait until all of a long backlog is done.
            database.Write(connection =>
            {
                var due = SessionTable.Due(connection, now, BatchSize);
                // What a step makes due again takes its place among the others, but not beyond the end of the batch.
                var end = due.Count == BatchSize ? due[^1].NextAt!.Value : now;
                var queue = new PriorityQueue<Session, (DateTimeOffset, long)>(due.Select(session => (session, (session.NextAt!.Value, session.Seq))));
                while (queue.TryDequeue(out var session, out var place))
                {
                    var changed = Step(connection, session, place.Item1);
                    if (changed.NextAt <= end)
                        queue.Enqueue(changed, (changed.NextAt.Value, changed.Seq));
                    else
                        SessionTable.Update(connection, changed);
                }

                return SessionTable.NextDue(connection)?.ToUnixTimeMilliseconds() ?? long.MaxValue;
                // Not earlier: who reads that nothing is due must also read what was done.
            }, next => Volatile.Write(ref _earliest, next));
            database.LetOthersWrite();
        }
    }

    /// <summary>Forgets what is known of the database, which has changed from outside.</summary>
    public void Refresh() => Volatile.Write(ref _earliest, 0);

    private Session Step(SqliteConnection connection, Session session, DateTimeOffset at)
    {
        switch (session.Status)
        {
            case SessionStatus.Stopping:
                session = session with { Status = SessionStatus.Stopped, StoppedAt = at, NextAt = null };
                Publish(connection, WebhookEvents.SessionStopped, session, at);
                return session;
            case var _ when at >= session.EndsAt:
                return BeginStop(connection, session, at, SessionStopReason.Plan);
            case SessionStatus.Provisioning when session.Fault == nameof(FaultEffect.FailToStart):
                return Fail(connection, session, at, "The pod failed to start: CUDA driver version is insufficient.");
            case SessionStatus.Provisioning:
                session = session with { Status = SessionStatus.Running, StartedAt = at };
                Publish(connection, WebhookEvents.SessionStarted, session, at);
                experiments.Queue(connection, session.Id, at);
                break;
            case SessionStatus.Running when at >= DiesAt(session):
                return Fail(connection, session, at, "The pod was lost: its host went down.");
            default:
                // Nothing ran until now: the session has been idle for too long.
                if (!experiments.FinishRunning(connection, session, at))
                    return BeginStop(connection, session, at, SessionStopReason.Idle);
                break;
        }

        return Continue(connection, session, at);
    }

    private Session Continue(SqliteConnection connection, Session session, DateTimeOffset at) =>
        experiments.StartNext(connection, session.Id, at) is { } duration
            ? NextAt(session with { IdleAt = null }, at + duration)
            : BecomeIdle(session, at);

    private Session BecomeIdle(Session session, DateTimeOffset at) => NextAt(session with { IdleAt = at + options.Idle }, at + options.Idle);

    private static Session NextAt(Session session, DateTimeOffset at)
    {
        var next = at < session.EndsAt ? at : session.EndsAt;
        return session with { NextAt = DiesAt(session) < next ? DiesAt(session) : next };
    }

    private static DateTimeOffset? DiesAt(Session session) =>
        session.Fault == nameof(FaultEffect.Die) ? session.StartedAt + TimeSpan.FromSeconds(session.FaultSeconds ?? 60) : null;

    private Session BeginStop(SqliteConnection connection, Session session, DateTimeOffset at, string reason)
    {
        experiments.Abandon(connection, session, at);
        var stopping = session.Fault == nameof(FaultEffect.HangStopping) ? TimeSpan.FromSeconds(session.FaultSeconds ?? 600) : _stopping;
        return session with { Status = SessionStatus.Stopping, StopReason = reason, IdleAt = null, NextAt = at + stopping };
    }

    private Session Fail(SqliteConnection connection, Session session, DateTimeOffset at, string error)
    {
        experiments.Abandon(connection, session, at);
        session = session with
        {
            Status = SessionStatus.Failed,
            StopReason = SessionStopReason.Failure,
            Error = error,
            StoppedAt = at,
            IdleAt = null,
            NextAt = null,
        };
        Publish(connection, WebhookEvents.SessionStopped, session, at);
        return session;
    }

    private void Publish(SqliteConnection connection, string name, Session session, DateTimeOffset at) =>
        outbox.Publish(connection, session.Account, name, at, session.Id, new JsonObject
        {
            ["name"] = session.Name,
            ["gpu"] = session.Gpu,
            ["status"] = session.Status,
            ["reason"] = session.StopReason,
        });

    private string NewId(SqliteConnection connection) => seed.Id("sess", Database.NextNumber(connection, "sessions"));

    private Session Write(Func<SqliteConnection, Session> work)
    {
        var session = database.Write(work);
        if (session.NextAt is { } next)
        {
            NoteDue(next.ToUnixTimeMilliseconds());
            // What is due later is found by the ticker.
            if (next <= clock.Now)
                wake.Set();
        }

        return session;
    }

    private void NoteDue(long at)
    {
        for (var known = Volatile.Read(ref _earliest); at < known;)
        {
            var seen = Interlocked.CompareExchange(ref _earliest, at, known);
            if (seen == known)
                return;
            known = seen;
        }
    }
}
