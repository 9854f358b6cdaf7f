using System.Net;

namespace Meshia;

public sealed partial class MeshiaClient
{
    /// <summary>Lists the account's webhooks: <c>GET /webhooks</c>.</summary>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public IAsyncEnumerable<Webhook> GetWebhooksAsync(CallOptions? call = null, CancellationToken cancellationToken = default) =>
        _lists.ReadAsync(WebhookCreation.All, call, cancellationToken);

    /// <summary>
    /// Registers a receiver, to which the service sends a test ping at once: <c>POST /webhooks</c>. Like a session it is
    /// never registered twice; see <see cref="CreateSessionAsync"/>.
    /// </summary>
    /// <param name="url">Where events go: <c>https</c>, or <c>http</c> on loopback, which only a sandbox takes.</param>
    /// <param name="events">One or more of <see cref="WebhookEventType.All"/>.</param>
    /// <param name="secret">Signs the events; none are signed where null.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<Webhook> CreateWebhookAsync(Uri url, IReadOnlyList<string> events, string? secret = null, CallOptions? call = null, CancellationToken cancellationToken = default)
    {
        if (url is null || !url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
            throw new ArgumentException($"'{url}' is not an https address. Example: https://your-server.com/meshia-hook", nameof(url));
        if (events is not { Count: > 0 } || events.Any(name => !WebhookEventType.All.Contains(name)))
            throw new ArgumentException($"Events are one or more of: {string.Join(", ", WebhookEventType.All)}.", nameof(events));

        // The service may repeat it in its answer.
        if (secret is not null)
            KnownSecrets.Add(secret);
        return await new WebhookCreation(Transport, call, url, events, secret).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Deletes a webhook: <c>DELETE /webhooks/:id</c>. One that a first, lost answer already deleted is deleted; so is one
    /// that the service does not delete, as with a 409, and does not list.
    /// </summary>
    /// <param name="id">The webhook's id.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task DeleteWebhookAsync(string id, CallOptions? call = null, CancellationToken cancellationToken = default)
    {
        var context = new CallContext(Transport.Request(HttpMethod.Delete, $"webhooks/{ApiPath.Segment(id, nameof(id))}") with { IsRepeatable = true }, call, Transport.Options);
        try
        {
            using var response = await Transport.SendAsync(context, cancellationToken).ConfigureAwait(false);
            // A page instead of an answer comes from some proxy: nothing was deleted.
            await ApiResponse.ReadAsync(response).ConfigureAwait(false);
        }
        catch (MeshiaException failure) when (failure is { StatusCode: HttpStatusCode.NotFound, MayHaveBeenDone: true })
        {
            context.Tell(ClientMessageLevel.Notice, $"Webhook {id} does not exist at the second try: the first one deleted it.");
        }
        catch (MeshiaException failure) when ((int?)failure.StatusCode is 400 or 409 or 410 or 412 or 422)
        {
            if (!await IsGoneAsync(id, call, cancellationToken).ConfigureAwait(false))
                throw;
            context.Tell(ClientMessageLevel.Notice, $"Webhook {id} is deleted, although the answer was: {failure.Message:long}");
        }
    }

    /// <summary>Whether the whole list of webhooks is without one.</summary>
    private async Task<bool> IsGoneAsync(string id, CallOptions? call, CancellationToken cancellationToken)
    {
        var completeness = new ListCompleteness();
        try
        {
            await foreach (var webhook in GetWebhooksAsync(new(call) { MaxRetries = call?.MaxRetries, Completeness = completeness }, cancellationToken).ConfigureAwait(false))
            {
                if (webhook.Id == id)
                    return false;
            }
        }
        catch (MeshiaException)
        {
            return false;
        }

        return completeness.IsComplete;
    }
}
