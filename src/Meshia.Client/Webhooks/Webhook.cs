namespace Meshia;

/// <summary>A receiver of events. Its secret is never returned by the service, and so is not here.</summary>
public sealed class Webhook : IServiceObject
{
    private readonly FieldDoubt? _doubt;

    private Webhook(JsonFields fields)
    {
        Id = fields.Id("a webhook", "webhook_id");
        Url = fields.Text(ContractNames.Url) ?? fields.Text("endpoint") ?? fields.Text("href");
        Events = new NamedList<string>(fields.Names(ContractNames.Events), name => name);
        Active = fields.Flag(ContractNames.Active);
        CreatedAt = fields.Time(ContractNames.CreatedAt) ?? fields.Time("created");
        // A service that returned the secret would break its own contract; it must not reach an output either.
        fields.Take(ContractNames.Secret);
        fields.Expect(ContractNames.Url, Url is not null);
        _doubt = fields.Doubt("a webhook");
        AdditionalProperties = fields.Rest;
    }

    /// <summary>The webhook's id, as in <c>wh_abc</c>.</summary>
    public string Id { get; }

    /// <summary>Where events are sent.</summary>
    public string? Url { get; }

    /// <summary>The events that are sent.</summary>
    public IReadOnlyList<string> Events { get; }

    /// <summary>Whether the service sends events to it, where it says so.</summary>
    public bool? Active { get; }

    /// <summary>When it was registered, UTC.</summary>
    public DateTimeOffset? CreatedAt { get; }

    /// <summary>What else the service said of it, by the names on the wire.</summary>
    public IDictionary<string, object?> AdditionalProperties { get; }

    /// <summary>Whether it sends exactly these events to this address.</summary>
    /// <param name="url">The receiver.</param>
    /// <param name="events">Names of events, in any order.</param>
    public bool Sends(Uri url, IEnumerable<string> events) =>
        Uri.TryCreate(Url, UriKind.Absolute, out var known) && known.AbsoluteUri == url?.AbsoluteUri && new HashSet<string>(Events).SetEquals(events);

    /// <summary>The id.</summary>
    public override string ToString() => Id;

    /// <summary>Whether it is the same webhook: one with the same id.</summary>
    /// <param name="obj">Another object.</param>
    public override bool Equals(object? obj) => obj is Webhook other && other.Id == Id;

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Id);

    /// <summary>An address as it may be shown: user, password and query may be a key.</summary>
    /// <param name="url">The receiver.</param>
    public static string Shown(Uri url) => (url ?? throw new ArgumentNullException(nameof(url))).GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    FieldDoubt? IServiceObject.Doubt => _doubt;

    internal static Webhook From(object? value) => new(JsonFields.Of(value, ContractNames.Webhook));
}
