using System.Text;

namespace Meshia;

/// <summary>An address that gives an artifact's bytes to whoever holds it, for one hour. It is a secret for that time.</summary>
public sealed class SignedUrl
{
    internal SignedUrl(Uri uri, DateTimeOffset? expiresAt) => (Uri, ExpiresAt) = (uri, expiresAt);

    /// <summary>The address. It is on another host than the API; the key is never sent there.</summary>
    public Uri Uri { get; }

    /// <summary>When it ends, UTC, where the service says so.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>The address without its signature.</summary>
    public override string ToString() => Uri.GetLeftPart(UriPartial.Path);

    /// <summary>Asks the service for the address of an artifact.</summary>
    internal static async Task<SignedUrl> RequestAsync(Transport transport, string artifactId, CallOptions? call, CancellationToken cancellationToken)
    {
        var baseUri = transport.Options.BaseUri;
        // [A] The address may come as a redirect, which is read and not followed: the key must not go there.
        var request = transport.Request(HttpMethod.Get, $"artifacts/{ApiPath.Segment(artifactId, "id")}/download") with { ReadsRedirect = true };
        using var response = await transport.SendAsync(request, call, cancellationToken).ConfigureAwait(false);
        try
        {
            if (RedirectHandler.TargetOf(response, request.Uri) is { } target)
                return From(target.OriginalString, baseUri);
            var text = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false)).Trim();
            return text.StartsWith("http", StringComparison.OrdinalIgnoreCase)
                ? From(text, baseUri)
                : await ApiResponse.ReadAsync(response, value => From(value, baseUri)).ConfigureAwait(false);
        }
        catch (FormatException failure)
        {
            throw ApiResponse.Invalid(response, $"{failure.Message}", failure);
        }
    }

    internal static SignedUrl From(object? value, Uri baseUri)
    {
        var (text, expiresAt) = value switch
        {
            string bare => (bare, null),
            _ => ReadObject(JsonFields.Of(value, ContractNames.Data, "download")),
        };
        if (ExactUri.TryCreate(text) is not { } uri || !IsAllowed(uri, baseUri))
            throw new FormatException("no https address to download from");
        return new(uri, expiresAt);
    }

    /// <summary>Whether bytes may come from there: https, or http between a sandbox and its storage on loopback.</summary>
    internal static bool IsAllowed(Uri uri, Uri baseUri) =>
        uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback && baseUri.IsLoopback);

    private static (string? Text, DateTimeOffset? ExpiresAt) ReadObject(JsonFields fields) =>
        (ContractNames.SignedUrls.Select(fields.Text).FirstOrDefault(text => text is not null), fields.Time(ContractNames.ExpiresAt));
}
