namespace Meshia;

/// <summary>Addresses from outside.</summary>
internal static class WebAddress
{
    /// <summary>An address that a browser opens, without a user name; null for anything else.</summary>
    /// <param name="value">A value of an answer.</param>
    public static Uri? Read(object? value) =>
        value is string text && Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) && uri.UserInfo.Length == 0 ? uri : null;
}
