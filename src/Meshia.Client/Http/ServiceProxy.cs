using System.Collections.Concurrent;
using System.Net;

namespace Meshia;

/// <summary>
/// The proxy of this machine's settings, with two rules. Loopback is never proxied: plain http is allowed there only because
/// it does not leave the machine. And the address of a proxy is passed on without its user name and password, which would
/// otherwise stand in the messages of the framework; the proxy gets them as credentials.
/// </summary>
/// <param name="settings">The settings, read at each request: on .NET Framework a script may change them.</param>
internal sealed class ServiceProxy(Func<IWebProxy?> settings) : IWebProxy, ICredentials
{
    private readonly ConcurrentDictionary<Uri, NetworkCredential> _credentials = new();

    /// <summary>This object, which knows the credentials of each proxy.</summary>
    ICredentials? IWebProxy.Credentials
    {
        get => this;
        set => throw new NotSupportedException("The credentials are those of this machine's settings.");
    }

    /// <summary>Whether an address is on this machine, in any of its spellings.</summary>
    public static bool IsLoopback(Uri uri)
    {
        var host = uri.DnsSafeHost.TrimEnd('.');
        return uri.IsLoopback
            || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));
    }

    /// <summary>The proxy for an address; null if it is asked directly.</summary>
    /// <param name="destination">The address.</param>
    public Uri? GetProxy(Uri destination)
    {
        if (IsLoopback(destination) || settings() is not { } proxy || proxy.IsBypassed(destination) || proxy.GetProxy(destination) is not { } address || address == destination)
            return null;
        if (address.UserInfo.Length == 0)
            return address;
        var bare = new UriBuilder(address) { UserName = "", Password = "" }.Uri;
        var parts = address.UserInfo.Split([':'], 2);
        var password = Uri.UnescapeDataString(parts.Length > 1 ? parts[1] : "");
        KnownSecrets.Add(password);
        _credentials[bare] = new(Uri.UnescapeDataString(parts[0]), password);
        return bare;
    }

    /// <summary>Whether an address is asked directly.</summary>
    /// <param name="host">The address.</param>
    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    /// <summary>The credentials for a proxy.</summary>
    /// <param name="uri">The address of the proxy.</param>
    /// <param name="authType">The method of authentication.</param>
    public NetworkCredential? GetCredential(Uri uri, string authType) =>
        _credentials.TryGetValue(uri, out var known) ? known : settings()?.Credentials?.GetCredential(uri, authType);
}
