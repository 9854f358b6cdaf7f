namespace Meshia;

/// <summary>What the handlers need to know of one call beside its request; it travels on the request.</summary>
/// <param name="IsRepeatable">Sending it twice does no more than sending it once.</param>
/// <param name="Streams">Its answer is read while it arrives; any other is complete before the attempt counts as one.</param>
/// <param name="Began">The clock's timestamp at its beginning.</param>
/// <param name="Observer">Who hears what happens.</param>
internal sealed record CallContext(bool IsRepeatable, bool Streams, long Began, Action<ClientMessage>? Observer)
{
    private const string PropertyName = "Meshia.Call";

    /// <summary>How often the request has been sent so far.</summary>
    public int Attempts { get; set; }

    /// <summary>Whether the service may have done what an attempt asked for although no answer said so.</summary>
    public bool MayHaveBeenDone { get; set; }

    /// <summary>Whether an attempt has left and nothing has come back yet.</summary>
    public bool IsOnItsWay { get; set; }

    /// <summary>Why the attempt before this one failed.</summary>
    public string? LastFailure { get; set; }

    public void Tell(ClientMessageLevel level, string text) => Observer?.Invoke(new ClientMessage(level, text));

#if NET
    private static readonly HttpRequestOptionsKey<CallContext> _key = new(PropertyName);

    public static CallContext Of(HttpRequestMessage request) =>
        request.Options.TryGetValue(_key, out var call) ? call : throw new InvalidOperationException("The request was not made by MeshiaClient.");

    public void AttachTo(HttpRequestMessage request) => request.Options.Set(_key, this);
#else
    public static CallContext Of(HttpRequestMessage request) => (CallContext)request.Properties[PropertyName];

    public void AttachTo(HttpRequestMessage request) => request.Properties[PropertyName] = this;
#endif
}
