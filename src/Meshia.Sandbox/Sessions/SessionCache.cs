using System.Collections.Concurrent;
using System.Text.Json;
using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Sessions;

/// <summary>
/// The sessions that were read since the last change of the database. Those who wait for a session ask for it again and again,
/// while nothing changes.
/// </summary>
internal sealed class SessionCache(Database database)
{
    private const int MaxCount = 1000;

    private volatile Reading _reading = new(-1);

    /// <exception cref="ApiException">The account has no such session.</exception>
    public ReadSession Get(Account account, string id)
    {
        // Before the session is read: a change in between makes it outdated, at worst for no reason.
        var version = database.Version;
        var reading = _reading;
        if (reading.Version != version)
            _reading = reading = new(version);
        if (!reading.Sessions.TryGetValue(id, out var found))
        {
            using var connection = database.Open();
            if (SessionTable.Find(connection, id) is not { } session)
                throw ApiException.NotFound("session", id);
            found = new(session);
            if (Interlocked.Increment(ref reading.Count) <= MaxCount)
                reading.Sessions[id] = found;
        }

        return found.Session.Account == account.Name ? found : throw ApiException.NotFound("session", id);
    }

    private sealed class Reading(long version)
    {
        public int Count;

        public long Version => version;

        public ConcurrentDictionary<string, ReadSession> Sessions { get; } = [];
    }
}

/// <summary>A session with its JSON, which changes only where a stop is near.</summary>
internal sealed class ReadSession(Session session)
{
    private byte[]? _json;

    public Session Session => session;

    public byte[] JsonAt(DateTimeOffset now)
    {
        var shown = session.At(now);
        return ReferenceEquals(shown, session) ? _json ??= Bytes(session) : Bytes(shown);
    }

    private static byte[] Bytes(Session session) => JsonSerializer.SerializeToUtf8Bytes(session, Wire.Json);
}
