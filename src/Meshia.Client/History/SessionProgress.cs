using System.Text;
using System.Text.Json;

namespace Meshia;

/// <summary>How far an archive is with one session.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="IsOver">Whether the service has said that the session has ended, or has no such session any more.</param>
/// <param name="IsDone">Whether nothing more can come of it: it is not asked for again.</param>
/// <param name="Experiments">How many experiments of it the archive has.</param>
/// <param name="Bytes">The length of its file. A file of another length was changed or damaged.</param>
/// <param name="CreatedAt">When the session was created.</param>
internal sealed record SessionProgress(string SessionId, bool IsOver, bool IsDone, int Experiments, long Bytes, DateTimeOffset? CreatedAt);

/// <summary>
/// The file in which an archive notes how far it is with each session: lines of JSON, of which the last one for a session
/// counts. It may be lost or damaged: sessions without a line are asked for again.
/// </summary>
internal sealed class SessionProgressFile(string path)
{
    private readonly Dictionary<string, SessionProgress> _sessions = new(StringComparer.Ordinal);
    private int _lines;

    /// <summary>Reads the file; one that is not there is empty.</summary>
    public IReadOnlyDictionary<string, SessionProgress> Read()
    {
        _sessions.Clear();
        _lines = 0;
        if (!OwnFile.Exists(path))
            return _sessions;
        foreach (var (_, line) in NdjsonFile.ReadLines(path))
        {
            _lines++;
            try
            {
                if (JsonValue.Parse(line) is Dictionary<string, object?> map && new JsonFields(map) is var fields && fields.Text(ContractNames.SessionId) is { } id)
                    _sessions[id] = new(id, fields.Flag("over") == true, fields.Flag("done") == true, (int)(fields.Integer("experiments") ?? 0), fields.Integer("bytes") ?? 0, fields.Time(ContractNames.CreatedAt));
            }
            catch (JsonException)
            {
                // Half a line of a run that was killed: that session is asked for again.
            }
        }

        return _sessions;
    }

    /// <summary>Adds a line.</summary>
    public void Add(SessionProgress session)
    {
        if (_sessions.TryGetValue(session.SessionId, out var known) && known == session)
            return;
        _sessions[session.SessionId] = session;
        _lines++;
        using var file = OwnFile.Retry(path, () => OwnFile.OpenOrCreate(path, isPrivate: false));
        NdjsonFile.Append(file, Encoding.UTF8.GetBytes(TextOf(session)));
    }

    /// <summary>Leaves one line a session.</summary>
    public void Compact()
    {
        if (_lines > _sessions.Count)
            OwnFile.WriteAllBytes(path, Encoding.UTF8.GetBytes(string.Concat(_sessions.Values.Select(TextOf))), isPrivate: false);
        _lines = _sessions.Count;
    }

    private static string TextOf(SessionProgress session) => JsonValue.ToText(new Dictionary<string, object?>
    {
        [ContractNames.SessionId] = session.SessionId,
        ["over"] = session.IsOver,
        ["done"] = session.IsDone,
        ["experiments"] = session.Experiments,
        ["bytes"] = session.Bytes,
        [ContractNames.CreatedAt] = session.CreatedAt,
    }) + "\n";
}
