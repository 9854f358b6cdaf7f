using System.Diagnostics;

namespace Meshia.PowerShell.Tests;

/// <summary>A proxy with a password and a private authority, as a user has them: in the environment of a real pwsh.</summary>
public sealed class ProxyTests : IDisposable
{
    private const string Script = """
        $DebugPreference = $VerbosePreference = 'Continue'
        Connect-Meshia -ApiKey msh_proxy_test_0003_c1 -BaseUri https://meshia.example/api/v1 -MaximumRetryCount 1
        Test-MeshiaConnection | Format-List *
        "sessions: $((Get-MeshiaSession).Id)"
        $Error | Format-List * -Force
        'ids: ' + ($Error.FullyQualifiedErrorId -join ' ')
        """;

    private readonly ShellProcess _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task A_proxy_takes_its_password_and_a_private_authority_is_trusted_where_the_system_says_so()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux does a variable name the trusted authorities.");
        await using var proxy = new PasswordProxy(_ => PasswordProxy.Json("""[{"id":"s1","name":"x"}]"""));

        var (_, output, error) = await RunAsync(proxy, proxy.Address(), trusts: true);

        Assert.Contains("sessions: s1", output, StringComparison.Ordinal);
        Assert.EndsWith("ids: \n", output, StringComparison.Ordinal);
        AssertHidden(output + error);
        Assert.Equal(2, proxy.Requests.Count);
        Each.Of(proxy.Requests, request => Assert.Contains("Authorization: Bearer msh_proxy_test_0003_c1\r\n", request, StringComparison.Ordinal));
        // The proxy itself sees where to, and never the key.
        Each.Of(proxy.Seen, head => Assert.StartsWith("CONNECT meshia.example:443 ", head, StringComparison.Ordinal));
        Each.Of(proxy.Seen, head => Assert.DoesNotContain("msh_", head, StringComparison.Ordinal));
        Each.Of(proxy.Requests, request => Assert.DoesNotContain("Proxy-", request, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task An_untrusted_certificate_is_refused_once_and_the_key_is_not_sent()
    {
        await using var proxy = new PasswordProxy();

        var (_, output, error) = await RunAsync(proxy, proxy.Address(), trusts: false);

        Assert.Contains("ids: unreachable,Meshia.PowerShell.GetMeshiaSession", output, StringComparison.Ordinal);
        Assert.Contains("SSL", output, StringComparison.Ordinal);
        Assert.Empty(proxy.Requests);
        // One for each of the two commands, and each is asked for its password at most once.
        Assert.InRange(proxy.Seen.Count, 2, 4);
        AssertHidden(output + error);
    }

    [Fact]
    public async Task A_wrong_password_is_said_plainly_and_shown_nowhere()
    {
        await using var proxy = new PasswordProxy();

        var (_, output, error) = await RunAsync(proxy, proxy.Address("Wr0ng@y/%"), trusts: true);

        Assert.Contains("ids: proxy_refused,Meshia.PowerShell.GetMeshiaSession", output, StringComparison.Ordinal);
        Assert.Contains("or refused them (status 407)", ShellProcess.Unwrap(output), StringComparison.Ordinal);
        Assert.Empty(proxy.Requests);
        AssertHidden(output + error);
    }

    [Theory]
    [InlineData("meshia.example")]
    [InlineData(".example")]
    [InlineData("other.example,MESHIA.EXAMPLE")]
    public async Task NO_PROXY_is_kept_to(string exceptions)
    {
        await using var proxy = new PasswordProxy();

        var (_, output, _) = await RunAsync(proxy, proxy.Address(), trusts: true, exceptions);

        Assert.Contains("ids: unreachable,Meshia.PowerShell.GetMeshiaSession", output, StringComparison.Ordinal);
        Assert.Empty(proxy.Seen);
    }

    private static void AssertHidden(string output)
    {
        foreach (var part in new[] { "S3cret", "Wr0ng", "svc:", "_0003_c1", Convert.ToBase64String("svc:S3cret"u8)[..12] })
            Assert.DoesNotContain(part, output, StringComparison.OrdinalIgnoreCase);
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(PasswordProxy proxy, string address, bool trusts, string exceptions = "")
    {
        var authority = Path.Combine(_shell.Folder, "authority.pem");
        File.WriteAllText(authority, proxy.Authority);
        return _shell.RunAsync(Script, start =>
        {
            Use(start, address, exceptions);
            if (trusts)
                start.Environment["SSL_CERT_FILE"] = authority;
        });
    }

    internal static void Use(ProcessStartInfo start, string address, string exceptions = "")
    {
        start.Environment["HTTPS_PROXY"] = start.Environment["https_proxy"] = address;
        start.Environment["NO_PROXY"] = start.Environment["no_proxy"] = exceptions;
    }
}
