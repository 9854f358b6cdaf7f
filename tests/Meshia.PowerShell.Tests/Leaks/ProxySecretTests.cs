using System.Globalization;

namespace Meshia.PowerShell.Tests;

/// <summary>
/// Every cmdlet at its loudest behind a proxy with a password, which refuses, lies or repeats what it was sent: neither its password
/// nor the key nor a webhook's secret comes out of the process.
/// </summary>
public sealed class ProxySecretTests : IDisposable
{
    /// <summary>A refusal of the proxy is the same for every request: these are enough for what reads, writes, waits, downloads, has a secret, and reports a failure itself.</summary>
    private static readonly string[] _someCmdlets =
    [
        "Get-MeshiaSession", "Get-MeshiaExperiment", "New-MeshiaSession", "Stop-MeshiaSession", "Wait-MeshiaSession", "Save-MeshiaArtifact", "Register-MeshiaWebhook", "Invoke-MeshiaRequest", "Test-MeshiaConnection",
    ];

    private readonly ShellProcess _shell = new();
    private readonly Canary _key = new($"msh_canary_{Guid.NewGuid():N}");
    private readonly Canary _secret = new($"hush-{Guid.NewGuid():N}");
    private readonly Canary _password = new(PasswordProxy.Password);

    public static TheoryData<string> Faults => ["404", "echo", "403", "redirect", "garbage"];

    public void Dispose() => _shell.Dispose();

    [Theory, MemberData(nameof(Faults))]
    public async Task No_secret_comes_out_of_any_cmdlet_behind_a_proxy(string fault)
    {
        var echo = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"svc:{PasswordProxy.Password}"));
        await using var proxy = new PasswordProxy(request => fault == "echo" ? Echo(request) : PasswordProxy.Json("{}", "404 Not Found"))
        {
            Refusal = fault switch
            {
                "403" => PasswordProxy.Json($"Basic {echo} svc:{PasswordProxy.Password}", "403 svc:S3cret@x/%", $"X-Request-Id: {echo}\r\nProxy-Authenticate: Basic realm=\"S3cret@x/%\"\r\n"),
                "redirect" => PasswordProxy.Json("", "302 Found", $"Location: http://svc:{Uri.EscapeDataString(PasswordProxy.Password)}@other/\r\n"),
                "garbage" => $"HTTP/1.1 two hundred svc:{PasswordProxy.Password}\r\n{echo}\r\n\r\n",
                _ => null,
            },
        };
        var authority = Path.Combine(_shell.Folder, "authority.pem");
        File.WriteAllText(authority, proxy.Authority);
        var drives = SecretTests.Drives.Where(drive => (fault is "404" or "echo" || _someCmdlets.Contains(drive.Key)) && !SecretTests.Apart.Contains(drive.Key) && drive.Key is not ("Connect-Meshia" or "Disconnect-Meshia") && !drive.Key.Contains("Sandbox", StringComparison.Ordinal)).SelectMany(drive => drive.Value).Where(script => !script.Contains("$port", StringComparison.Ordinal)).ToList();
        Assert.InRange(drives.Count, 12, 100);

        var (_, output, error) = await _shell.RunAsync(
            string.Create(CultureInfo.InvariantCulture, $$"""
            $key, $secret = $env:CANARY_KEY, $env:CANARY_SECRET
            Start-Transcript -Path ./transcript.txt | Out-Null
            $folder = $PWD.Path; $uri = 'https://meshia.example/api/v1'
            $DebugPreference = $VerbosePreference = $InformationPreference = 'Continue'
            Connect-Meshia -ApiKey $key -BaseUri $uri -MaximumRetryCount 0 -RequestTimeoutSeconds 20
            {{string.Join("\n", drives.Select(drive => $"try {{ {drive} -Verbose -Debug }} catch {{ $_ | Format-List * -Force }}"))}}
            $Error | Format-List * -Force
            $Error | ForEach-Object { for ($e = $_.Exception; $e; $e = $e.InnerException) { "$e"; $e | Format-List * -Force } }
            foreach ($view in 'ConciseView', 'NormalView', 'CategoryView', 'DetailedView') { $ErrorView = $view; $Error }
            [System.Management.Automation.PSSerializer]::Serialize($Error, 4)
            "errors: $($Error.Count)"
            Stop-Transcript | Out-Null
            """),
            start =>
            {
                ProxyTests.Use(start, proxy.Address());
                start.Environment["SSL_CERT_FILE"] = authority;
                // Not as arguments: a transcript begins with the command line.
                (start.Environment["CANARY_KEY"], start.Environment["CANARY_SECRET"]) = (_key.Value, _secret.Value);
            });

        var all = output + error + File.ReadAllText(Path.Combine(_shell.Folder, "transcript.txt"));
        Assert.Matches("errors: [1-9][0-9]", output);
        Assert.NotEmpty(proxy.Seen);
        foreach (var canary in new[] { _key, _secret, _password })
            Assert.True(canary.FindIn(all) is null, canary.FindIn(all));
        Each.Of(proxy.Seen, head => Assert.Null(_key.FindIn(head) ?? _secret.FindIn(head)));
    }

    /// <summary>Repeats the request in the body, the request id and the status line.</summary>
    private static string Echo(string request)
    {
        var line = request.Replace("\r\n", " ", StringComparison.Ordinal);
        return PasswordProxy.Json($$$"""{"error":{"code":"x","message":{{{System.Text.Json.JsonSerializer.Serialize(line)}}}}}""", $"500 {line}", $"X-Request-Id: {line}\r\n");
    }
}
