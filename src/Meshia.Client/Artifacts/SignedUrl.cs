using System.Text;

namespace Meshia;

/// <summary>An address that gives an artifact's bytes to anyone who has it, for one hour. It is a secret for that time.</summary>
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
                return From(target.OriginalString, request.Uri, baseUri);
            var text = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false)).Trim();
            return text.StartsWith("http", StringComparison.OrdinalIgnoreCase)
                ? From(text, request.Uri, baseUri)
                : await ApiResponse.ReadAsync(response, value => From(value, request.Uri, baseUri)).ConfigureAwait(false);
        }
        catch (FormatException failure)
        {
            throw ApiResponse.Invalid(response, $"{failure.Message}", failure);
        }
    }

    /// <param name="value">The answer's JSON.</param>
    /// <param name="from">The address that answered; one that it gives may be relative to it.</param>
    /// <param name="baseUri">The address of the service.</param>
    internal static SignedUrl From(object? value, Uri from, Uri baseUri)
    {
        var (text, expiresAt) = value switch
        {
            string bare => (bare, null),
            _ => ReadObject(JsonFields.Of(value, "download")),
        };
        // Of the relative forms only a path: on Unix, .NET takes a path for the address of a file.
        text = text?.Trim();
        if (text?.StartsWith("/", StringComparison.Ordinal) == true)
            text = from.GetLeftPart(UriPartial.Authority) + text;
        if (ExactUri.TryCreate(text) is not { } uri || !IsAllowed(uri, baseUri))
            throw new FormatException("no https address for the download");
        return new(uri, expiresAt);
    }

    /// <summary>Whether bytes may come from there: https, or http between a sandbox and its storage on loopback.</summary>
    internal static bool IsAllowed(Uri uri, Uri baseUri) =>
        uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback && baseUri.IsLoopback);

    private static (string? Text, DateTimeOffset? ExpiresAt) ReadObject(JsonFields fields) =>
        (ContractNames.SignedUrls.Select(name => fields.Take(name, AddressIn)).FirstOrDefault(text => text is not null), fields.Time(ContractNames.ExpiresAt));

    /// <summary>An address, or an object with one, as in <c>{"link":{"href":"…"}}</c>.</summary>
    private static string? AddressIn(object? value) => value is Dictionary<string, object?> map
        ? ContractNames.SignedUrls.Select(name => FieldName.Find(map, name) is { } found ? map[found] as string : null).FirstOrDefault(text => text is not null)
        : value as string;
}
