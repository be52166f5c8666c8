"""The pages."""

from django.urls import path

from portal.views import appearance, board, project, projects, sign_in

urlpatterns = [
    path("", board.home, name="home"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-in/", sign_in.SignIn.as_view(), name="account_login"),  # the name by which allauth looks for it
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("appearance/", appearance.choose, name="appearance"),
    path("board/", board.board, name="board"),
    path("projects/", projects.projects, name="projects"),
    path("projects/<uuid:project_id>/", project.project, name="project"),
]
