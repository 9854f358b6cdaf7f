namespace Meshia;

/// <summary>Registers a webhook.</summary>
internal sealed class WebhookCreation(Transport transport, CallOptions? options, Uri url, IReadOnlyList<string> events, string? secret) : Creation<Webhook>(transport, options)
{
    protected override ApiList<Webhook> List => All;

    /// <summary>The account's webhooks.</summary>
    public static ApiList<Webhook> All { get; } = new("webhooks", ContractNames.Webhooks, Webhook.From);

    protected override Dictionary<string, object?> Body
    {
        get
        {
            var body = new Dictionary<string, object?> { [ContractNames.Url] = url.AbsoluteUri, [ContractNames.Events] = events.ToArray() };
            if (secret is not null)
                body[ContractNames.Secret] = secret;
            return body;
        }
    }

    protected override DisplayText Description => $"the webhook for {Webhook.Shown(url)}";

    protected override bool IsLike(Webhook thing) => thing.Sends(url, events);

    protected override string IdOf(Webhook thing) => thing.Id;

    protected override DateTimeOffset? CreatedAtOf(Webhook thing) => thing.CreatedAt;
}
