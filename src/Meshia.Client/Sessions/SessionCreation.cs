namespace Meshia;

/// <summary>Starts a session.</summary>
internal sealed class SessionCreation(Transport transport, CallOptions? options, string name, string gpu, string? repo) : Creation<Session>(transport, options)
{
    protected override ApiList<Session> List { get; } = SessionRequests.List();

    protected override Dictionary<string, object?> Body
    {
        get
        {
            var body = new Dictionary<string, object?> { [ContractNames.Name] = name, [ContractNames.Gpu] = gpu };
            if (repo is not null)
                body[ContractNames.Repo] = repo;
            return body;
        }
    }

    protected override DisplayText Description => $"session '{name}'";

    protected override bool IsLike(Session thing) => thing.Name == name && string.Equals(thing.Gpu, gpu, StringComparison.OrdinalIgnoreCase) && thing.Repo == repo;

    protected override string IdOf(Session thing) => thing.Id;

    protected override DateTimeOffset? CreatedAtOf(Session thing) => thing.CreatedAt;
}
