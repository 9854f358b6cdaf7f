using System.Net;
using System.Security;

namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
public sealed class RegisterMeshiaWebhookTests
{
    private const string Register = "Register-MeshiaWebhook https://example.com/hook -Event session.started, session.stopped";

    /// <summary>A vault of the session: the functions of SecretManagement, keeping what they are given in a variable.</summary>
    private const string VaultStandIn = """
        $global:vault = @{}
        function Get-SecretVault { [pscustomobject]@{ Name = 'box'; IsDefault = $true } }
        function Get-SecretInfo ($Name, $Vault) { if ($global:vault.ContainsKey($Name)) { [pscustomobject]@{ Name = $Name } } }
        function Set-Secret ($Name, $Vault, [securestring] $SecureStringSecret, [switch] $Confirm, [switch] $WhatIf) { $global:vault[$Name] = $SecureStringSecret }
        """;

    [Fact]
    public async Task A_secret_that_is_made_is_strong_sent_once_and_returned_once()
    {
        await using var service = await ServiceAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var first = Assert.Single(session.Output($"{Register} -GenerateSecret"));
        var second = Assert.Single(session.Output($"{Register} -GenerateSecret -Force"));

        var secrets = new[] { first, second }.Select(webhook => Reveal(webhook.Properties["Secret"].Value)).ToList();
        Assert.NotEqual(secrets[0], secrets[1]);
        Each.Of(secrets, secret => Assert.Matches("^[A-Za-z0-9_-]{43}$", secret));
        Each.Of(secrets, secret => Assert.Single(service.Requests, request => request.Body.Contains($"\"secret\":\"{secret}\"", StringComparison.Ordinal)));
        Assert.Null(Assert.Single(session.Output("Get-MeshiaWebhook")).Properties["Secret"]);
    }

    [Fact]
    public async Task A_secret_that_is_made_goes_straight_into_the_vault()
    {
        await using var service = await ServiceAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        session.Output(VaultStandIn);

        var webhook = Assert.Single(session.Output($"{Register} -GenerateSecret -SecretName hook"));

        var kept = Reveal(Assert.Single(session.Output("$global:vault['hook']")).BaseObject);
        Assert.Null(webhook.Properties["Secret"]);
        Assert.Contains($"\"secret\":\"{kept}\"", service.Requests[^1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_of_that_name_is_not_replaced_without_Force()
    {
        await using var service = await ServiceAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        session.Output(VaultStandIn);
        session.Output($"{Register} -Secret hook-secret-1 -SecretName hook");

        var refused = session.Invoke("Register-MeshiaWebhook https://example.com/other -AllEvents -Secret hook-secret-2 -SecretName hook");
        var kept = Reveal(Assert.Single(session.Output("$global:vault['hook']")).BaseObject);
        session.Output("Register-MeshiaWebhook https://example.com/other -AllEvents -Secret hook-secret-2 -SecretName hook -Force");

        Assert.Equal("SecretExists,Meshia.PowerShell.RegisterMeshiaWebhook", refused.Error.FullyQualifiedErrorId);
        Assert.Equal("hook-secret-1", kept);
        Assert.Equal("hook-secret-2", Reveal(Assert.Single(session.Output("$global:vault['hook']")).BaseObject));
        Assert.Equal(2, service.Requests.Count(request => request.Method == "POST"));
    }

    [Fact]
    public async Task The_same_address_and_events_again_are_noticed_before_anything_is_sent()
    {
        await using var service = await ServiceAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        session.Output(Register);

        var again = session.Invoke("Register-MeshiaWebhook https://example.com/hook -Event session.stopped, SESSION.started, session.stopped");
        var other = session.Invoke("Register-MeshiaWebhook https://example.com/hook -Event session.stopped");

        Assert.Equal("webhook_exists,Meshia.PowerShell.RegisterMeshiaWebhook", again.Error.FullyQualifiedErrorId);
        Assert.Contains("wh_1", again.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Unregister-MeshiaWebhook wh_1", again.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Single(other.Output);
        Assert.Equal(2, service.Requests.Count(request => request.Method == "POST"));
    }

    [Fact]
    public async Task Where_it_cannot_be_known_whether_it_exists_nothing_is_registered()
    {
        await using var service = await ScriptedService.StartAsync(_ => Reply.Error(403, "forbidden"));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke(Register);

        Assert.Equal("forbidden,Meshia.PowerShell.RegisterMeshiaWebhook", result.Error.FullyQualifiedErrorId);
        Assert.DoesNotContain(service.Requests, request => request.Method == "POST");
    }

    [Theory]
    [InlineData("-GenerateSecret -Secret s")]
    [InlineData("-SecretName hook")]
    [InlineData("-Secret s -Vault box")]
    public async Task Parameters_that_contradict_each_other_are_refused_before_any_request(string parameters)
    {
        await using var service = await ServiceAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var caught = Assert.Single(session.Invoke($"try {{ {Register} {parameters} }} catch {{ $_ }}").Output);

        Assert.Equal("InvalidSecret,Meshia.PowerShell.RegisterMeshiaWebhook", caught.Properties["FullyQualifiedErrorId"].Value);
        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task Invoke_MeshiaRequest_sends_what_another_cmdlet_gave()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"id":"exp_1","config":{"optimizer":{"lr":0.1}}}"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        session.Output("Invoke-MeshiaRequest /runs -Method POST -Body @{ config = (Get-MeshiaExperiment exp_1).Config }");

        Assert.Equal("""{"config":{"optimizer":{"lr":0.1}}}""", service.Requests[^1].Body);
    }

    /// <summary>A service that keeps the webhooks that it is told of.</summary>
    private static Task<ScriptedService> ServiceAsync()
    {
        var webhooks = new List<string>();
        return ScriptedService.StartAsync(request =>
        {
            if (request.Method != "POST")
                return Reply.Ok($$"""{"webhooks":[{{string.Join(',', webhooks.TakeLast(1))}}]}""");
            using var body = System.Text.Json.JsonDocument.Parse(request.Body);
            webhooks.Add($$"""{"id":"wh_{{webhooks.Count + 1}}","url":{{body.RootElement.GetProperty("url").GetRawText()}},"events":{{body.RootElement.GetProperty("events").GetRawText()}}}""");
            return new Reply((int)HttpStatusCode.Created, webhooks[^1]);
        });
    }

    private static string Reveal(object? secret) => new NetworkCredential("", Assert.IsType<SecureString>(secret)).Password;
}
