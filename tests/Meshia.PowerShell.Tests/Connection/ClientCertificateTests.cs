using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Meshia.PowerShell.Tests;

/// <summary>A service of a private authority that asks for a client certificate, and a real pwsh that has one.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private const string Password = "Pfx-w0rd-of-a-test/%";

    private readonly ShellProcess _shell = new();
    private readonly PrivateAuthority _authority = new();

    public ClientCertificateTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux does a variable name the trusted authorities.");
        File.WriteAllText(PathOf("authority.pem"), _authority.Pem);
        using var client = _authority.Issue("client");
        WritePfx("client.pfx", client, Password);
        using var key = client.GetECDsaPrivateKey()!;
        var encrypted = key.ExportEncryptedPkcs8PrivateKeyPem(Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        File.WriteAllText(PathOf("client.pem"), $"{client.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        File.WriteAllText(PathOf("encrypted.pem"), $"{encrypted}\n{client.ExportCertificatePem()}\n");
        File.WriteAllText(PathOf("bare.pem"), client.ExportCertificatePem());
        File.WriteAllText(PathOf("other.txt"), "not a certificate");
        File.CreateSymbolicLink(PathOf("link.pfx"), "client.pfx");
        using var old = _authority.Issue("old", DateTimeOffset.UtcNow.AddDays(-1));
        WritePfx("old.pfx", old, null);
        using var strangers = new PrivateAuthority();
        using var stranger = strangers.Issue("stranger");
        WritePfx("stranger.pfx", stranger, null);
    }

    public void Dispose()
    {
        _shell.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task A_service_gets_the_certificate_from_each_place_that_can_name_it()
    {
        await using var service = await StartAsync(ClientCertificateMode.RequireCertificate);
        WriteProfile(service, PathOf("client.pem"));

        var output = await RunAsync(service, """
            Get-It pfx     @{ CertificatePath = 'client.pfx'; CertificatePassword = $password }
            Get-It secure  @{ CertificatePath = "$PWD/link.pfx"; CertificatePassword = ConvertTo-SecureString $password -AsPlainText }
            Get-It pem     @{ CertificatePath = 'client.pem' }
            Get-It secret  @{ CertificatePath = 'encrypted.pem'; CertificatePassword = $password }
            Get-It object  @{ Certificate = [Security.Cryptography.X509Certificates.X509CertificateLoader]::LoadPkcs12FromFile("$PWD/client.pfx", $password) }
            Get-It profile @{ Profile = 'lab' }
            $env:MESHIA_CLIENT_CERTIFICATE = "$PWD/client.pfx"
            $env:MESHIA_CLIENT_CERTIFICATE_PASSWORD = $password
            Get-It both    @{}
            Disconnect-Meshia
            $env:MESHIA_API_KEY = $key; $env:MESHIA_BASE_URI = $address
            "environment: $((Get-MeshiaSession).Id) $((Get-MeshiaConnection).CertificateThumbprint.Length)"
            """);

        string[] names = ["pfx", "secure", "pem", "secret", "object", "profile", "both", "environment"];
        Each.Of(names, name => Assert.Contains($"{name}: s1 40", output, StringComparison.Ordinal));
        Assert.Equal(names.Length, service.Requests.Count);
        Each.Of(service.Requests, request => Assert.Equal("GET /api/v1/sessions CN=client", request));
    }

    [Fact]
    public async Task What_cannot_be_used_is_an_error_that_names_the_parameter_or_variable_and_sends_nothing()
    {
        await using var service = await StartAsync(ClientCertificateMode.RequireCertificate);
        WriteProfile(service, "/gone.pem");

        var output = ShellProcess.Unwrap(await RunAsync(service, """
            mkfifo pipe.pfx
            Get-It missing  @{ CertificatePath = 'gone.pfx' }
            Get-It folder   @{ CertificatePath = '.' }
            Get-It pipe     @{ CertificatePath = 'pipe.pfx' }
            Get-It wrong    @{ CertificatePath = 'client.pfx'; CertificatePassword = 'Wr0ng-w0rd-of-a-test' }
            Get-It none     @{ CertificatePath = 'client.pfx' }
            Get-It text     @{ CertificatePath = 'other.txt' }
            Get-It keyless  @{ CertificatePath = 'bare.pem' }
            Get-It old      @{ CertificatePath = 'old.pfx' }
            $bare = [Security.Cryptography.X509Certificates.X509CertificateLoader]::LoadCertificateFromFile("$PWD/bare.pem")
            Get-It bare     @{ Certificate = $bare }
            Get-It two      @{ Certificate = $bare; CertificatePath = 'client.pem' }
            Get-It password @{ CertificatePassword = $password }
            Get-It profile  @{ Profile = 'lab' }
            Get-It plain    @{ CertificatePath = 'client.pem'; BaseUri = 'http://localhost:9/api/v1' }
            $env:MESHIA_CLIENT_CERTIFICATE = 'client.pfx'
            Get-It relative @{}
            $env:MESHIA_CLIENT_CERTIFICATE = "$PWD/client.pfx"; $env:MESHIA_CLIENT_CERTIFICATE_PASSWORD = 'Wr0ng-w0rd-of-a-test'
            Get-It variable @{}
            """));

        foreach (var (name, text) in new[]
        {
            ("missing", "InvalidConnection -CertificatePath: the client certificate '"),
            ("folder", "InvalidConnection -CertificatePath: the client certificate '"),
            ("pipe", "InvalidConnection -CertificatePath: the client certificate '"),
            ("wrong", "InvalidConnection -CertificatePath: the client certificate '"),
            ("none", "If it has a password, use -CertificatePassword or the environment variable MESHIA_CLIENT_CERTIFICATE_PASSWORD."),
            ("text", "Valid files: a PFX file, or a PEM file"),
            ("keyless", "has no private key"),
            ("old", "expired on 20"),
            ("bare", "InvalidConnection -Certificate: the client certificate CN=client has no private key"),
            ("two", "Use only one of them."),
            ("password", "InvalidConnection -CertificatePassword is"),
            ("profile", "ProfileFileError Profile 'lab': the client certificate '/gone.pem' cannot be read."),
            ("plain", "can only be used with https"),
            ("relative", "The environment variable MESHIA_CLIENT_CERTIFICATE must have the absolute path"),
            ("variable", "The password of -CertificatePassword or MESHIA_CLIENT_CERTIFICATE_PASSWORD may be wrong."),
        })
        {
            var start = output.IndexOf($"<{name}:", StringComparison.Ordinal);
            Assert.True(start >= 0, $"{name} gave no error: {output}");
            Assert.Contains(text, output[start..output.IndexOf('>', start)], StringComparison.Ordinal);
        }

        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task A_certificate_that_the_service_refuses_is_not_tried_again_and_the_error_says_what_to_do()
    {
        // Kestrel ends the connection; OpenSSL says why.
        await using var service = await StartAsync(ClientCertificateMode.RequireCertificate);
        using var strict = new StrictServer(_authority, PathOf("strict.pem"));

        var output = ShellProcess.Unwrap(await RunAsync(service, $$"""
            Get-It stranger @{ CertificatePath = 'stranger.pfx'; MaximumRetryCount = 0 }
            Get-It unknown  @{ CertificatePath = 'stranger.pfx'; BaseUri = '{{strict.Address}}' }
            Get-It without  @{ BaseUri = '{{strict.Address}}' }
            New-MeshiaSession -Name x -Gpu rtx4090 -ErrorVariable failed -ErrorAction SilentlyContinue
            "<create: $($failed[0].FullyQualifiedErrorId)>"
            """));

        Assert.Contains("<stranger: unreachable", output, StringComparison.Ordinal);
        Assert.Contains("whether the service accepts the client certificate CN=stranger", output, StringComparison.Ordinal);
        Assert.Contains("<unknown: certificate_refused", output, StringComparison.Ordinal);
        Assert.Contains("refuses the client certificate CN=stranger", output, StringComparison.Ordinal);
        Assert.Contains("<without: certificate_refused", output, StringComparison.Ordinal);
        Assert.Contains("requires a client certificate, and none was sent", output, StringComparison.Ordinal);
        // Nothing was created: the handshake did not end.
        Assert.Contains("<create: certificate_refused,", output, StringComparison.Ordinal);
        Assert.Empty(service.Requests);
        await WaitUntil(() => strict.Handshakes >= 3);
        Assert.Equal(3, strict.Handshakes);
    }

    [Fact]
    public async Task Neither_a_storage_nor_a_proxy_is_shown_the_certificate()
    {
        await using var storage = await StartAsync(ClientCertificateMode.AllowCertificate);
        await using var service = await StartAsync(ClientCertificateMode.RequireCertificate, storage.Address);
        using var proxy = new AskingProxy(_authority);

        var output = await RunAsync(service, $$"""
            Get-It connected @{ CertificatePath = 'client.pem' }
            $artifact = Get-MeshiaArtifact exp_1
            $null = Save-MeshiaArtifact $artifact -Path file.bin
            "saved: $([IO.File]::ReadAllText("$PWD/file.bin"))"
            $redirected = @(); Invoke-MeshiaRequest /elsewhere -ErrorVariable redirected -ErrorAction SilentlyContinue
            "redirect: $($redirected[0].FullyQualifiedErrorId)"
            Connect-Meshia -ApiKey $key -BaseUri https://meshia.example/api/v1 -CertificatePath client.pem -MaximumRetryCount 0
            Get-MeshiaSession -ErrorVariable refused -ErrorAction SilentlyContinue
            "proxy: $($refused[0].FullyQualifiedErrorId)"
            """, start => start.Environment["HTTPS_PROXY"] = start.Environment["https_proxy"] = proxy.Address);

        Assert.Contains("connected: s1 40", output, StringComparison.Ordinal);
        Assert.Contains("saved: file", output, StringComparison.Ordinal);
        Assert.Contains("redirect: unexpected_redirect", output, StringComparison.Ordinal);
        Assert.Contains("proxy: proxy_refused", output, StringComparison.Ordinal);
        Assert.Equal("GET /file -", Assert.Single(storage.Requests));
        Assert.Empty(storage.Shown);
        Assert.Contains("CONNECT meshia.example:443", Assert.Single(proxy.Seen), StringComparison.Ordinal);
        Assert.Equal(0, proxy.Shown);
        Each.Of(service.Requests, request => Assert.EndsWith(" CN=client", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_guard_shows_the_certificate_too_and_its_environment_and_arguments_have_no_password()
    {
        await using var service = await StartAsync(ClientCertificateMode.RequireCertificate);
        var script = _shell.Write(Script + """

            $env:MESHIA_CLIENT_CERTIFICATE_PASSWORD = $password
            Get-It connected @{ CertificatePath = 'client.pfx' }
            $null = New-MeshiaSession -Name x -Gpu rtx4090 -StopOnExit
            $guards = Get-ChildItem /proc -Directory | Where-Object { $_.Name -match '^\d+$' -and (Get-Content "/proc/$($_.Name)/cmdline" -Raw -ErrorAction Ignore) -match '-EncodedCommand' -and (Get-Content "/proc/$($_.Name)/environ" -Raw -ErrorAction Ignore) -match [regex]::Escape($PWD) }
            $shown = $guards | ForEach-Object { Get-Content "/proc/$($_.Name)/environ", "/proc/$($_.Name)/cmdline" -Raw -ErrorAction Ignore } | Where-Object { $_ -match 'Pfx-w0rd' }
            "guard: $($guards.Count -gt 0) $(@($shown).Count)"
            [Diagnostics.Process]::GetCurrentProcess().Kill()
            """);
        using var process = _shell.Start(script, start =>
        {
            Prepare(start);
            start.Environment.Remove("MESHIA_NO_GUARD");
        }, $"{service.Address}api/v1");

        var (_, output, _) = await ShellProcess.EndAsync(process);

        Assert.Contains("guard: True 0", output, StringComparison.Ordinal);
        await WaitUntil(() => service.Requests.Any(request => request.Contains("/stop", StringComparison.Ordinal)));
        Each.Of(service.Requests, request => Assert.EndsWith(" CN=client", request, StringComparison.Ordinal));
    }

    private const string Script = """
        param($address)
        $DebugPreference = $VerbosePreference = 'Continue'
        $key = 'msh_certificate_key_of_a_test'
        $password = 'Pfx-w0rd-of-a-test/%'
        function Get-It($Name, $With)
        {
            try
            {
                if (-not $With.BaseUri -and -not $With.Profile) { $With.BaseUri = $address }
                Connect-Meshia -ApiKey $key @With -ErrorAction Stop
                "${Name}: $((Get-MeshiaSession -ErrorAction Stop).Id) $((Get-MeshiaConnection).CertificateThumbprint.Length)"
            }
            catch { "<${Name}: $($_.FullyQualifiedErrorId.Split(',')[0]) $_ $($_.ErrorDetails.RecommendedAction)>" }
        }
        """;

    private string PathOf(string name) => Path.Combine(_shell.Folder, name);

    private void WriteProfile(CertificateService service, string path)
    {
        var profile = new { base_uri = $"{service.Address}api/v1", vault = "v", secret_name = "s", certificate_path = path };
        File.WriteAllText(PathOf("profiles.json"), JsonSerializer.Serialize(new { version = 1, profiles = new { lab = profile } }));
    }

    private void WritePfx(string name, X509Certificate2 certificate, string? password) =>
        File.WriteAllBytes(PathOf(name), certificate.Export(X509ContentType.Pkcs12, password));

    private async Task<string> RunAsync(CertificateService service, string script, Action<System.Diagnostics.ProcessStartInfo>? change = null)
    {
        var (_, output, error) = await _shell.RunAsync(Script + "\n" + script, start =>
        {
            Prepare(start);
            change?.Invoke(start);
        }, $"{service.Address}api/v1");
        foreach (var secret in new[] { "Pfx-w0rd", "Wr0ng-w0rd", "msh_certificate_key" })
            Assert.DoesNotContain(secret, output + error, StringComparison.OrdinalIgnoreCase);
        return output + error;
    }

    private void Prepare(System.Diagnostics.ProcessStartInfo start) => start.Environment["SSL_CERT_FILE"] = PathOf("authority.pem");

    private static async Task WaitUntil(Func<bool> isDone)
    {
        for (var tries = 0; !isDone(); tries++)
        {
            Assert.True(tries < 600, "It did not happen.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private Task<CertificateService> StartAsync(ClientCertificateMode mode, Uri? elsewhere = null) => CertificateService.StartAsync(_authority, mode, context =>
    {
        var path = context.Request.Path.Value!;
        if (path.EndsWith("/elsewhere", StringComparison.Ordinal))
            context.Response.Redirect($"{elsewhere}elsewhere");
        return path switch
        {
            "/file" => context.Response.WriteAsync("file"),
            _ when path.EndsWith("/artifacts", StringComparison.Ordinal) => context.Response.WriteAsJsonAsync(new[] { new { id = "art_1", name = "file.bin", size_bytes = 4 } }),
            _ when path.EndsWith("/download", StringComparison.Ordinal) => context.Response.WriteAsJsonAsync(new { url = $"{elsewhere}file", download_url = $"{elsewhere}file" }),
            _ when context.Request.Method == "POST" => context.Response.WriteAsJsonAsync(new { id = "s1", name = "x", status = "running", gpu = "rtx4090" }),
            _ when path.EndsWith("/sessions", StringComparison.Ordinal) => context.Response.WriteAsJsonAsync(new[] { new { id = "s1", name = "x" } }),
            _ => Task.CompletedTask,
        };
    });
}
