using System.Management.Automation;
using System.Text.Json;

namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
public sealed class WebhookCmdletTests
{
    [Fact]
    public async Task What_is_registered_is_listed_and_can_be_unregistered_by_pipeline()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        using var session = sandbox.Connect();

        var created = Assert.Single(session.Output("Register-MeshiaWebhook -Uri http://localhost:9/hook -Event SESSION.started, session.started, plan.completed -Secret hush"));
        session.Output("Register-MeshiaWebhook -Uri http://localhost:9/other -AllEvents");

        Assert.Equal(["session.started", "plan.completed"], (IEnumerable<string>)created.Properties["Events"].Value);
        Assert.Equal(2, session.Output("Get-MeshiaWebhook").Count);
        Assert.Equal(created.Properties["Id"].Value, Assert.Single(session.Output("Get-MeshiaWebhook -Uri *HOOK")).Properties["Id"].Value);
        Assert.Equal(8, session.Output("(Get-MeshiaWebhook -Uri */other).Events").Count);
        session.Output("Get-MeshiaWebhook | Unregister-MeshiaWebhook -Confirm:$false");
        Assert.Empty(session.Output("Get-MeshiaWebhook"));
    }

    [Fact]
    public async Task Unregistering_asks_first_and_does_nothing_where_nobody_answers()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        using var session = sandbox.Connect();
        session.Output("Register-MeshiaWebhook http://localhost:9/hook plan.completed");

        var result = session.Invoke("Get-MeshiaWebhook | Unregister-MeshiaWebhook");

        Assert.NotNull(result.Error);
        Assert.Single(session.Output("Get-MeshiaWebhook"));
    }

    [Fact]
    public async Task An_unknown_id_is_an_error_and_the_known_ones_come_out()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("Get-MeshiaWebhook wh_1, wh_none, wh_2");

        Assert.Equal(["wh_1", "wh_2"], result.Output.Select(item => item.Properties["Id"].Value));
        Assert.Equal(("webhook_not_found,Meshia.PowerShell.GetMeshiaWebhook", ErrorCategory.ObjectNotFound, "wh_none"), (result.Error.FullyQualifiedErrorId, result.Error.CategoryInfo.Category, result.Error.TargetObject));
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task An_unreachable_list_is_one_error_and_does_not_call_the_webhooks_missing()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(403, "plan_limit"));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        Assert.StartsWith("plan_limit,", session.Invoke("Get-MeshiaWebhook wh_1").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_secret_reaches_the_service_as_it_was_given()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        const string Secret = "ü \"\\+/ 秘密";

        session.Output("Register-MeshiaWebhook https://your-server.com/hook plan.completed -Secret $secret", ("secret", Secret));
        session.Output("Register-MeshiaWebhook https://your-server.com/hook plan.completed");

        var sent = service.Requests.Where(request => request.Method == "POST").Select(request => JsonDocument.Parse(request.Body).RootElement).ToList();
        Assert.Equal(Secret, sent[0].GetProperty("secret").GetString());
        Assert.False(sent[1].TryGetProperty("secret", out _));
    }

    [Theory]
    [InlineData("-Uri http://your-server.com/hook -Event plan.completed", "https")]
    [InlineData("-Uri hook -Event plan.completed", "https")]
    [InlineData("-Uri https://your-server.com/hook -Event plan.finished", "plan.completed")]
    public async Task A_wrong_value_is_refused_before_anything_is_sent_and_a_right_one_is_shown(string arguments, string right)
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var error = session.Invoke($"Register-MeshiaWebhook {arguments}").Error;

        Assert.StartsWith("ParameterArgumentValidationError,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(right, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(service.Requests);
    }
}
