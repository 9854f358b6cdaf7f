namespace Meshia;

/// <summary>Waits for sessions: several by one list, a single one by its id.</summary>
internal sealed class SessionWatch(MeshiaClient client, WaitOptions options, MeshiaClientOptions settings, Action<ClientMessage>? tell) : Watch<Session>(client, options, settings, tell)
{
    /// <summary>Beyond it in the list, newest first, looking by id is cheaper.</summary>
    private const int MostListed = 500;

    private static readonly string[] _running = [SessionStatus.Running];

    private IReadOnlyList<string> Statuses => Options.Statuses ?? _running;

    protected override string? StateOf(Session item) => item.Status;

    protected override bool IsThere(Session item) => Statuses.Contains(item.Status, StringComparer.OrdinalIgnoreCase);

    protected override string? FindFault(Session item) => item.Status switch
    {
        SessionStatus.Stopped or SessionStatus.Failed => $"it is {item.Status}",
        SessionStatus.Stopping when !Statuses.Any(status => status is SessionStatus.Stopped or SessionStatus.Failed) => $"it is {item.Status}",
        _ => null,
    };

    protected override async Task<Dictionary<string, Seen>> LookAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var seen = new Dictionary<string, Seen>(StringComparer.Ordinal);
        if (ids.Count > 1)
        {
            Requests++;
            var wanted = new HashSet<string>(ids, StringComparer.Ordinal);
            var listed = 0;
            await foreach (var session in Client.GetSessionsAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                if (wanted.Contains(session.Id))
                    seen[session.Id] = new(session, null);
                if (seen.Count == wanted.Count || ++listed == MostListed)
                    break;
            }
        }

        foreach (var id in ids.Where(id => !seen.ContainsKey(id)))
            seen[id] = await SeeAsync(() => Client.GetSessionAsync(id, cancellationToken)).ConfigureAwait(false);
        return seen;
    }
}
