namespace Meshia;

/// <summary>The requests for sessions that several callers send.</summary>
internal static class SessionRequests
{
    /// <summary>The account's sessions, newest first.</summary>
    /// <param name="status">Only those in this state; all where null.</param>
    public static ApiList<Session> List(string? status = null) =>
        new(status is null ? "sessions" : $"sessions?status={Uri.EscapeDataString(status)}", ContractNames.Sessions, Session.From);

    /// <summary>What is sent to create a session.</summary>
    public static Dictionary<string, object?> Body(string name, string gpu, string? repo)
    {
        var body = new Dictionary<string, object?> { [ContractNames.Name] = name, [ContractNames.Gpu] = gpu };
        if (repo is not null)
            body[ContractNames.Repo] = repo;
        return body;
    }

    /// <summary>Gets one session.</summary>
    public static Task<Session> GetAsync(Transport transport, string id, CallOptions? options, CancellationToken cancellationToken) =>
        transport.GetAsync(ContractNames.Sessions, id, Session.From, options, cancellationToken);
}
