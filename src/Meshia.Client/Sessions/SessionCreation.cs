namespace Meshia;

/// <summary>Starts a session. Where the answer is lost, nothing proves which session of the list it is, so none is taken for it.</summary>
internal sealed class SessionCreation(Transport transport, CallOptions? options, string name, string gpu, string? repo) : Creation<Session>(transport, options)
{
    protected override ApiList<Session> List { get; } = SessionRequests.List();

    protected override Dictionary<string, object?> Body => SessionRequests.Body(name, gpu, repo);

    protected override DisplayText AdviceIfUnknown => $"List the sessions with Get-MeshiaSession, and stop those that are not in use, because they cost money. With -Once and a key you can repeat the same command, and it starts only one session.";

    protected override DisplayText Description => $"session '{name}'";

    protected override bool IsLike(Session thing) => thing.Name == name && string.Equals(thing.Gpu, gpu, StringComparison.OrdinalIgnoreCase) && thing.Repo == repo;

    protected override string IdOf(Session thing) => thing.Id;

    protected override DateTimeOffset? CreatedAtOf(Session thing) => thing.CreatedAt;
}
