namespace Meshia;

/// <summary>The requests for sessions that several callers send.</summary>
internal static class SessionRequests
{
    /// <summary>The account's sessions, newest first.</summary>
    /// <param name="status">Only those in this state; all where null.</param>
    public static ApiList<Session> List(string? status = null) =>
        new(status is null ? "sessions" : $"sessions?status={Uri.EscapeDataString(status)}", ContractNames.Sessions, Session.From);

    /// <summary>Gets one session.</summary>
    public static Task<Session> GetAsync(Transport transport, string id, CallOptions? options, CancellationToken cancellationToken) =>
        transport.GetAsync($"sessions/{ApiPath.Segment(id, nameof(id))}", Session.From, options, cancellationToken);
}
