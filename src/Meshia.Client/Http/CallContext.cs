using System.Security.Cryptography.X509Certificates;

namespace Meshia;

/// <summary>What the handlers know about one call in addition to its request; it travels on the request.</summary>
/// <param name="request">What is sent.</param>
/// <param name="options">The settings of the call.</param>
/// <param name="settings">The settings of the client.</param>
internal sealed class CallContext(ApiRequest request, CallOptions? options, MeshiaClientOptions settings)
{
    private const string PropertyName = "Meshia.Call";

    private readonly Action<ClientMessage>? _observer = options?.Observer ?? settings.Observer;

    /// <summary>What is sent.</summary>
    public ApiRequest Request => request;

    /// <summary>Spreads the requests of a command that polls; null for others.</summary>
    public RequestPace? Pace => options?.Pace;

    /// <summary>Gets the new key after the service refused the old one; null if there is none.</summary>
    public Func<ApiKey, Task<ApiKey?>>? RenewKey => options?.RenewKey;

    /// <summary>How urgent it is: a caller that polls comes last.</summary>
    public RequestClass Class => Pace is null ? request.Class : RequestClass.Poll;

    /// <summary>The command that sends it, or null.</summary>
    public string? Command => options?.Command;

    /// <summary>Whether it may be sent again although it may have reached the service. A paced caller asks again anyway.</summary>
    public bool IsRepeatable => request.IsRepeatable && Pace is null;

    /// <summary>How often a failed attempt is repeated.</summary>
    public int MaxRetries { get; } = Math.Min(options?.MaxRetries ?? settings.MaxRetries, settings.MaxRetries);

    /// <summary>How long the call may take until its answer begins.</summary>
    public TimeSpan TotalTimeout { get; init; } = options?.Timeout ?? settings.TotalTimeout;

    /// <summary>The certificate that the host of the request is shown if it asks; null for none.</summary>
    public X509Certificate2? ClientCertificate => ApiPath.IsSameOrigin(request.Uri, settings.BaseUri) ? settings.ClientCertificate : null;

    /// <summary>The clock of the client.</summary>
    public TimeProvider Clock => settings.TimeProvider;

    /// <summary>The timestamp of the clock when the call began.</summary>
    public long Began { get; } = settings.TimeProvider.GetTimestamp();

    /// <summary>How many requests were sent so far.</summary>
    public int Attempts { get; set; }

    /// <summary>How long the attempts and the pauses between them took. The wait for the rate limit does not count.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>Whether the service may have done what an attempt asked for although no answer said so.</summary>
    public bool MayHaveBeenDone { get; set; }

    /// <summary>Whether a request was sent and no answer has come yet.</summary>
    public bool IsOnItsWay { get; set; }

    /// <summary>Whether the call was cancelled: it is not sent again.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Why the attempt before this one failed.</summary>
    public string? LastFailure { get; set; }

    /// <summary>Tells the observer of the call.</summary>
    public void Tell(ClientMessageLevel level, DisplayText text) => Tell(new ClientMessage(level, text));

    /// <summary>Tells the observer of the call.</summary>
    public void Tell(ClientMessage message) => _observer?.Invoke(message);

#if NET
    private static readonly HttpRequestOptionsKey<CallContext> _key = new(PropertyName);

    public static CallContext Of(HttpRequestMessage message) =>
        message.Options.TryGetValue(_key, out var call) ? call : throw new InvalidOperationException("The request was not made by the transport.");

    public void AttachTo(HttpRequestMessage message) => message.Options.Set(_key, this);
#else
    public static CallContext Of(HttpRequestMessage message) => (CallContext)message.Properties[PropertyName];

    public void AttachTo(HttpRequestMessage message) => message.Properties[PropertyName] = this;
#endif
}
